"""Plain tables: CSV, TSV and Excel."""
