"""Polishing rounds: the ledger, what changed, and when to stop."""
