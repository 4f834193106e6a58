"""Metallic and pearl paints: from recipe to colour at every angle, and back."""
