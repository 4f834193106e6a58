"""A batch put right from its own reading."""
