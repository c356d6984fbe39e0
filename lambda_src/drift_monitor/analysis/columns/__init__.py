"""One column of one table, in the forms that are compared."""
