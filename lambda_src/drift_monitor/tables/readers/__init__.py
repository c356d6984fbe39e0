"""Readers of other formats than Parquet."""
