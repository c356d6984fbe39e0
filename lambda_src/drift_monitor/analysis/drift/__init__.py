"""Scoring drift: kinds of column, methods, scores and the verdict. Knows no AWS, files or HTML."""
