"""What the tolerance ellipsoid learned from visual judgements is made of; `colorlab.tolerance.learn` is its door."""
