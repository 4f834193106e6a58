"""The search for recipes: what is asked, what may be used, every combination screened, the best refined."""
