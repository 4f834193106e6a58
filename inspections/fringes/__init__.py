"""Reflected fringes: phase, and from it the slope of the surface."""
