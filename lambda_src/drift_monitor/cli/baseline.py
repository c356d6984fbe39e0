"""The command that writes a reference's baseline."""

from typing import TYPE_CHECKING, Annotated

import typer

from drift_monitor.cli.options import MonitorFile, out, progress_bar
from drift_monitor.config.load import load_monitor
from drift_monitor.config.methods import Kind
from drift_monitor.text import count, fine_percent, number, one_line

if TYPE_CHECKING:
    from drift_monitor.analysis.checks.baseline import Baseline, ColumnBaseline, Ids


def baseline(
    monitor_file: MonitorFile,
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the baseline as JSON and no words.")
    ] = False,
) -> None:
    """Write down what a monitor's reference holds, for later runs to check against.

    Every column is read once. The file lies beside the reference, for
    s3://bucket/t/reference.parquet at
    s3://bucket/t/_reference.parquet.baseline.json; it holds each column's type,
    nulls, range, quantiles and categories, so who may not read the reference
    should not read it either.

    Run it again when the reference has changed.
    """
    monitor = load_monitor(monitor_file)
    # These bring Arrow, which takes a while.
    from drift_monitor.analysis.checks.baseline import profile_table  # noqa: PLC0415
    from drift_monitor.engines.baseline_file import (  # noqa: PLC0415
        baseline_place,
        renewed,
        write_baseline,
    )
    from drift_monitor.engines.table_pair import open_reference  # noqa: PLC0415

    place = baseline_place(monitor)
    with progress_bar() as bar, open_reference(monitor) as reference:
        task = bar.add_task(monitor.name, total=None)
        found = profile_table(
            reference,
            monitor,
            files=reference.summary.files,
            progress=lambda done, of: bar.update(task, completed=done, total=of),
        )
    found = renewed(place, found)
    write_baseline(place, found)
    if as_json:
        print(found.model_dump_json(indent=2, exclude_none=True))  # noqa: T201 - for a pipe
        return
    out.print(_in_words(found))
    out.print(f"\nWritten to {place}")


def _in_words(found: "Baseline") -> str:
    rows = [
        (one_line(name), column.type or "?", _contents(column))
        for name, column in found.columns.items()
    ]
    name_width, type_width = (max((len(row[part]) for row in rows), default=0) for part in (0, 1))
    lines = [
        f"{name:{name_width}}  {type_name:{type_width}}  {contents}"
        for name, type_name, contents in rows
    ]
    if found.ids:
        lines += ["", *map(_ids, found.ids)]
    head = f"{found.location}: {count(found.rows, 'row')} in {count(found.files, 'file')}\n"
    return "\n".join([head, *lines])


def _ids(ids: "Ids") -> str:
    together = one_line(", ".join(ids.columns))
    if ids.repeated_share is None:
        return f"{together} not counted: {ids.problem}"
    return f"{fine_percent(ids.repeated_share)} of rows repeat the ids {together}"


def _contents(column: "ColumnBaseline") -> str:
    if column.problem is not None:
        return f"not read: {column.problem}"
    if column.null_share is None:
        return "not compared: its type alone"
    said = [f"{fine_percent(column.null_share)} null"]
    if column.distinct is not None:
        kept = "" if column.categories is not None else ", too many to keep"
        said.append(f"{count(column.distinct, 'category', 'categories')}{kept}")
    if column.min is not None and column.max is not None:
        said.append(f"{_end(column, column.min)} to {_end(column, column.max)}")
    return ", ".join(said)


def _end(column: "ColumnBaseline", value: float) -> str:
    """Return an end of a range in words: of times, which are kept as seconds, as a time."""
    if column.kind is not Kind.TIMESTAMP:
        return number(value)
    # Not as a datetime: where a time stands for never, the nearest float may be in the year 10000.
    import numpy as np  # noqa: PLC0415 - as above

    return str(np.datetime64(int(value // 60), "m")).replace("T", " ")
