"""How the lots in use act, and what past batches teach."""
