"""What a run found: drift.json and its words. Pure models."""
