"""Colour differences: always standard first, sample second."""
