"""The one kind of error whose text is written for the person who runs a monitor."""


class DriftMonitorError(Exception):
    """Something the user can mend: the message says what was wrong, where, and what to do."""
