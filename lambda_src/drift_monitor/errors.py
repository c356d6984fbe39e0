"""The errors whose text is written for the person who runs a monitor."""


class DriftMonitorError(Exception):
    """Something the user can mend: the message says what was wrong, where, and what to do."""


class ColumnError(Exception):
    """One column cannot be read or compared; the message says why. The run goes on without it."""
