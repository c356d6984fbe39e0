"""What several constructs are made with."""
