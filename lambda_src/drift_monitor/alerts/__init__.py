"""Alerts: whether a run's messages are sent, what they say, and that each is sent once."""
