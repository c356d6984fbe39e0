"""A scored run becomes JSON and pages."""
