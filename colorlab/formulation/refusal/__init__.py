"""Why there is no recipe: out of gamut, translucent, fluorescent, not comparable."""
