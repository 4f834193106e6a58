"""Colour from spectra: what a reflectance looks like, to whom and under which light."""
