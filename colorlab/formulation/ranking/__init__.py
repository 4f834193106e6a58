"""Recipes held against each other: which are equal, which are beaten, and the order of the answer."""
