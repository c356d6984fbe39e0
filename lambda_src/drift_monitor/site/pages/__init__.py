"""The site's pages: Evidently's report, and our own around it."""
