"""Pages people pin on the wall."""
