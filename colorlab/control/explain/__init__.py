"""Why a batch is off: which colorant, film or dispersion, by how much, and how surely."""
