"""Multi-angle tables through mapping profiles."""
