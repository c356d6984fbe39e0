"""Slices: the columns of each slice of the tables, compared as those of the tables are."""
