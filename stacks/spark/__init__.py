"""What computes monitors with `engine: spark`."""
