"""The capture folder: what a station says about its photos."""
