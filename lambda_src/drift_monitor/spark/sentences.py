"""What goes wrong in Spark's tasks, in the words of whoever found it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException

from drift_monitor.errors import DriftMonitorError

_OURS = re.compile(r"^.*\bDriftMonitorError: (.+)$", re.MULTILINE)


@contextmanager
def in_a_sentence() -> Iterator[None]:
    """Raise what a task found wrong, and not the traceback that Spark makes of it.

    Raises:
        DriftMonitorError: a task raised it.
    """
    try:
        yield
    except (PySparkException, Py4JJavaError) as error:
        found = _OURS.search(str(error))
        if found is None:
            raise
        raise DriftMonitorError(found[1]) from error
