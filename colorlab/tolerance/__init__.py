"""What may be accepted, and how surely."""
