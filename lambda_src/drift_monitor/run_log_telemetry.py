"""What Lambda's log says of a run: every line names it, whichever module or thread wrote the line.

Lambda's runtime writes the records of `logging` as JSON, with the fields that are set here.
"""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from drift_monitor.errors import DriftMonitorError

logger = logging.getLogger(__name__)

_OURS = ("drift_lambda", "drift_monitor")
_LEVELS = {**logging.getLevelNamesMapping(), "TRACE": logging.DEBUG}


class _Fields(logging.Filter):
    """Adds fields to every record, and lets it pass."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__()
        self._fields = fields

    def filter(self, record: logging.LogRecord) -> bool:
        vars(record).update(self._fields)
        return True


def set_levels() -> None:
    """Log ours at Lambda's application log level (INFO by default), others' from WARNING on."""
    level = _LEVELS.get(os.environ.get("AWS_LAMBDA_LOG_LEVEL", ""), logging.INFO)
    for name in _OURS:
        logging.getLogger(name).setLevel(level)
    logging.getLogger().setLevel(max(level, logging.WARNING))


@contextmanager
def run_log(**fields: str) -> Iterator[None]:
    """Add fields to each log line until the end of the run, and log the error that ends it.

    They are on the root's handlers, not in a context variable, which other threads do not see. A
    function's process runs one event at a time, and then the next one: they are taken off again.
    """
    with_fields = _Fields(fields)
    handlers = list(logging.getLogger().handlers)
    for handler in handlers:
        handler.addFilter(with_fields)
    try:
        yield
    except DriftMonitorError as error:
        logger.error("%s", error)  # noqa: TRY400 - it is a sentence, and a traceback would bury it
        raise
    except Exception:
        logger.exception("The run failed")
        raise
    finally:
        for handler in handlers:
            handler.removeFilter(with_fields)
