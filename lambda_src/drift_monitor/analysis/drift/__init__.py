"""Drift: the methods, the scores, and the verdict on columns and tables."""
