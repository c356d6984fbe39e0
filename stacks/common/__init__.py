"""What several constructs use."""
