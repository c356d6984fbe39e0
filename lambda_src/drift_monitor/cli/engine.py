"""The engine that a command compares with."""

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from drift_monitor.config.monitor import Monitor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drift_monitor.analysis.drift.comparison import Progress
    from drift_monitor.engines.engine import Engine

EngineOption = Annotated[
    Literal["columns", "spark"] | None,
    typer.Option(
        "--engine",
        help="columns: in this process; spark: by Spark on this machine. Default: the monitor's.",
    ),
]


@contextmanager
def open_engine(
    monitor: Monitor,
    chosen: str | None = None,
    *,
    memory: int = 2 << 30,
    progress: "Progress" = lambda _done, _of: None,
) -> "Iterator[Engine]":
    """Open an engine; Spark is started for it, and stopped after.

    Args:
        monitor: what will be compared.
        chosen: the engine, if not the monitor's.
        memory: bytes to spend on columns.
        progress: called after some columns with how many are done, and of how many.

    Raises:
        DriftMonitorError: pyspark or Java is missing.
    """
    if (chosen or monitor.engine) == "columns":
        from drift_monitor.engines.column_engine import by_columns  # noqa: PLC0415 - brings pyarrow

        yield partial(by_columns, memory=memory, progress=progress)
        return
    from drift_monitor.engines.spark.session import open_session  # noqa: PLC0415 - brings pyspark

    with open_session() as spark:
        from drift_monitor.engines.spark.engine import by_spark  # noqa: PLC0415 - as above

        yield partial(by_spark, spark=spark, memory=memory, progress=progress)
