"""What may differ by how much: data, never code."""
