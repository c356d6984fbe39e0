"""The command line: `drift-monitor`, a module for each command that is more than a few lines."""
