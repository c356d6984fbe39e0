"""The result of a run: the models of drift.json, and their words. No I/O."""
