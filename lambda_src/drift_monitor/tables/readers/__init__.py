"""Readers of what is not Parquet, a format each."""
