"""A first monitor's file, written from what a table looks like."""
