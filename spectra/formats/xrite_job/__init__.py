"""X-Rite job JSON."""
