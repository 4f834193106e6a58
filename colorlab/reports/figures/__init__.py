"""Matplotlib figures of the reports, one subject a file; each takes domain objects and gives a Figure."""
