"""Reflected edges and stripes, without scale or with it."""
