"""The columns once more, slice by slice."""
