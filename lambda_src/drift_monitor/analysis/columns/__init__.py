"""Columns: the values of one column of one table, in the forms that are scored."""
