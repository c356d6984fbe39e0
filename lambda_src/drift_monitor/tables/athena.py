"""A query's rows: Athena unloads them as Parquet, they are read as ever, and removed."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import time
from time import monotonic, sleep
from typing import TYPE_CHECKING
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from drift_monitor.config.formats import TableFormat
from drift_monitor.config.locations import Location
from drift_monitor.config.queries import MOMENT, QueriedTable
from drift_monitor.config.spans import clock_at
from drift_monitor.errors import DriftMonitorError, as_user_error
from drift_monitor.storage import aws_session, file_at, files_at
from drift_monitor.tables.table import Table, open_table
from drift_monitor.tables.window import Window

if TYPE_CHECKING:
    from boto3 import Session
    from mypy_boto3_athena import AthenaClient

logger = logging.getLogger(__name__)

_LONGEST = 600.0
"""Seconds that a query may take: the function that waits for it has 900."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0
_DAY, _SECOND = "%Y-%m-%d", "%Y-%m-%d %H:%M:%S"


@contextmanager
def open_query(
    query: QueriedTable, window: Window | None = None, timestamp: str | None = None
) -> Iterator[Table]:
    """Open the table that a query returns.

    Args:
        query: a table with sql.
        window: of which time.
        timestamp: the column of times by which the window's rows are chosen, if any.

    Raises:
        DriftMonitorError: the query fails or takes too long, or its rows cannot be read or removed.
    """
    text = f"Athena's query on {query.database}"
    session, _ = aws_session(text)
    output = Location.parse(query.output or "")
    folder = Location(text, output.bucket, f"{output.path}{uuid4().hex}")
    with _removed_afterwards(folder):
        _unload(session, query, _filled(query.sql or "", window), folder)
        rows = replace(folder, path=f"{folder.path}/rows/")
        if window is None and not files_at(rows).list(""):
            raise DriftMonitorError(f"{text} returned no row: check its conditions")
        # Athena's files have no ending that would say what they are.
        parquet = TableFormat(type="parquet")
        with open_table(rows, window, table_format=parquet, timestamp=timestamp) as table:
            yield table


def _filled(sql: str, window: Window | None) -> str:
    """Return a query with the window's start and end in it, in the window's time zone.

    Days are written as dates, which compare rightly with dates, times and texts of either.
    """
    if window is None:
        return sql
    clocks = {
        "start": clock_at(window.start, window.zone),
        "end": clock_at(window.end, window.zone),
    }
    is_of_days = all(clock.time() == time() for clock in clocks.values())
    default = _DAY if is_of_days else _SECOND
    return MOMENT.sub(lambda found: clocks[found[1]].strftime(found[2] or default), sql)


def _unload(session: "Session", query: QueriedTable, sql: str, folder: Location) -> None:
    """Let Athena write a query's rows into a new folder, and wait until it has."""
    errors = (ClientError, BotoCoreError)
    with as_user_error(f"{folder.text} cannot be run", *errors, explain=_reason):
        athena, rows = session.client("athena"), f"{folder}/rows/".replace("'", "''")
        started = athena.start_query_execution(
            QueryString=f"UNLOAD (\n{sql}\n) TO '{rows}' WITH (format = 'PARQUET')",
            QueryExecutionContext={"Database": query.database or ""},
            WorkGroup=query.workgroup or "primary",
            # What Athena says of the query goes beside its rows, and is removed with them.
            ResultConfiguration={"OutputLocation": f"{folder}/said/"},
        )
        _wait(athena, started["QueryExecutionId"], folder.text)


def _reason(error: Exception) -> str:
    """Return what AWS says of a request that it refused, or why it could not be asked."""
    if isinstance(error, ClientError):
        return error.response["Error"].get("Message", str(error))
    return str(error)


def _wait(athena: "AthenaClient", execution: str, text: str) -> None:
    deadline, pause = monotonic() + _LONGEST, _FIRST_PAUSE
    while True:
        status = athena.get_query_execution(QueryExecutionId=execution)["QueryExecution"]["Status"]
        if status["State"] == "SUCCEEDED":
            return
        if status["State"] in ("FAILED", "CANCELLED"):
            reason = status.get("StateChangeReason", "Athena gives no reason")
            raise DriftMonitorError(f"{text} {status['State'].lower()}: {reason}")
        if monotonic() > deadline:
            athena.stop_query_execution(QueryExecutionId=execution)
            raise DriftMonitorError(
                f"{text} took more than {_LONGEST / 60:g} minutes and was stopped: let it read "
                "fewer partitions, or a table that is made beforehand"
            )
        sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


@contextmanager
def _removed_afterwards(folder: Location) -> Iterator[None]:
    """Remove what a query wrote, finished or not.

    Raises:
        DriftMonitorError: it cannot be removed. After another error, which is the one to be told,
            the log says so.
    """
    try:
        yield
    except BaseException:
        try:
            _remove(folder)
        except DriftMonitorError:
            logger.exception("a query's rows could not be removed", extra={"folder": str(folder)})
        raise
    _remove(folder)


def _remove(folder: Location) -> None:
    what = f"the rows of {folder.text} could not be removed"
    advice = f"; remove {folder} by hand, and allow s3:ListBucket and s3:DeleteObject there"
    errors = (ClientError, BotoCoreError, OSError)
    with as_user_error(what, *errors, explain=lambda error: f"{_reason(error)}{advice}"):
        files, key = file_at(folder)
        files.remove(key)
