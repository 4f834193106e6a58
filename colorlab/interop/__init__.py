"""Spectra to and from the objects other software holds them in."""
