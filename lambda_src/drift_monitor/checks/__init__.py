"""The reference's baseline as a file."""
