"""The model's quality, measured on both tables."""
