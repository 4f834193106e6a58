"""The simulated programme of the demonstration: what its colours are, and the files its suppliers send."""
