"""Recipes there are: the nearest, their versions, what is weighed."""
