"""Recipes held against each other and against a tolerance, batch after batch."""
