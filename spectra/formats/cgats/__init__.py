"""CGATS.17, ISO 28178 and ArgyllCMS text."""
