"""Gloss and image clarity over the panel."""
