"""The schema contract: current is checked against the baseline of the reference. docs/checks.md."""
