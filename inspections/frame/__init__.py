"""The panel in the photo: markers, lens, the grid in millimetres."""
