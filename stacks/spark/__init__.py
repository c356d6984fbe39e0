"""The resources that run monitors with `engine: spark`."""
