"""Drift Monitor: compares the table a model sees now with the one it was trained on."""
