"""How a recipe stands up to weighing, lots and film build: the batches it makes, and how many are in tolerance."""
