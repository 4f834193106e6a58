"""Plain tables in Parquet files."""
