"""Measurement-file formats: one module and one row of `FORMATS` each."""
