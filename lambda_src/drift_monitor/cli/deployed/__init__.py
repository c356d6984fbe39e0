"""A deployed stack, seen from a laptop with its credentials."""
