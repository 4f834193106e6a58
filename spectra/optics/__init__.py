"""How light passes through paint."""
