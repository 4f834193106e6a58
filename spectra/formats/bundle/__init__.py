"""Our own lossless file."""
