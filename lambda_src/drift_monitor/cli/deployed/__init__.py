"""A deployed stack, from outside."""
