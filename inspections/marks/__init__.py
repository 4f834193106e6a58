"""Marks on the panel: nibs, craters, scratches, swirls, holograms, runs, burns."""
