"""Evidently's page, and the site's own pages around it."""
