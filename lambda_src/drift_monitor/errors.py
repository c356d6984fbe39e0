"""The errors whose text is written for the person who runs a monitor."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class DriftMonitorError(Exception):
    """Something the user can mend: the message says what was wrong, where, and what to do."""


class ColumnError(Exception):
    """One column cannot be read or compared; the message says why. The run goes on without it."""


def first_line(error: Exception) -> str:
    """Return what an error says, without the details that libraries put below."""
    return str(error).partition("\n")[0]


@contextmanager
def as_user_error(
    sentence: str, *kinds: type[Exception], explain: Callable[[Exception], str] = first_line
) -> Iterator[None]:
    """Raise an error for the user in place of a library's; one that is for the user already stays.

    Args:
        sentence: what cannot be done, and where. The explanation follows after a colon.
        kinds: the library's errors.
        explain: says why, and what to do.

    Raises:
        DriftMonitorError: one of these errors was raised.
    """
    try:
        yield
    except DriftMonitorError:
        raise
    except kinds as error:
        raise DriftMonitorError(f"{sentence}: {explain(error)}") from error
