"""The colour a recipe will have, and how sure that is."""
