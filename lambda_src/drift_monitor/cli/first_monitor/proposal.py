"""A first monitor for one table or two: what its file says, and what its first run finds."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from glob import escape
from shlex import quote

from drift_monitor.cli.first_monitor.draft import Draft
from drift_monitor.cli.first_monitor.guesses import Guess, Guesses, guess
from drift_monitor.cli.first_monitor.listing import ListedTable, list_table, size_of
from drift_monitor.cli.first_monitor.preview import preview
from drift_monitor.cli.first_monitor.windows import Rhythm, rhythm_of_partitions, rhythm_of_times
from drift_monitor.config.locations import Location
from drift_monitor.config.monitor import Monitor
from drift_monitor.engines.column_engine import by_columns
from drift_monitor.engines.scoring import score_run
from drift_monitor.errors import DriftMonitorError
from drift_monitor.results.drift import Status
from drift_monitor.results.run import DriftResult
from drift_monitor.results.tables import TableSummary, WindowSummary
from drift_monitor.results.words import direction, window_words
from drift_monitor.tables.formats import NAMES, format_of
from drift_monitor.tables.window import Window, reference_window, window_at
from drift_monitor.text import one_line

MOST_BYTES = 2 << 30
"""Tables of more bytes are not compared in a first run."""
_GB = 1e9
_ENOUGH_ROWS = 100
_MOST_NAMED = 20
_DATES = {
    "hour": "%Y-%m-%d %H:00",
    "day": "%Y-%m-%d",
    "week": "%G-W%V",
    "month": "%Y-%m",
    "year": "%Y",
}
_STATUSES = {
    Status.UNSURE: "too few rows to tell from chance",
    Status.MISSING: "in reference, but not in current",
    Status.NEW: "in current, but not in reference",
    Status.ERROR: "could not be compared",
}
_LONGEST_NAME = 48
_OF_NO_TABLE = {
    "data", "daily", "hourly", "weekly", "monthly", "current", "reference", "table", "tables",
    "parquet", "csv", "json", "latest", "new", "files", "part", "input", "raw", "train", "test",
    "tmp", "home",
}  # fmt: skip

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is, and of how much."""


@dataclass(frozen=True)
class FirstMonitor:
    """A monitor's file.

    Attributes:
        text: all of it.
        monitor: what it says.
        scheduled_at: the time whose run reads the newest data.
        result: what that run found; None where there was none.
    """

    text: str
    monitor: Monitor
    scheduled_at: datetime
    result: DriftResult | None


def propose(
    locations: list[str], *, name: str, file: str, now: datetime, progress: Progress
) -> FirstMonitor:
    """Write a first monitor.

    Args:
        locations: the current table, maybe after the reference.
        name: the monitor's; left empty, from the current table's location.
        file: where it is to be written, for the commands in it.
        now: what lies in the future is not read.
        progress: told after each column.

    Raises:
        DriftMonitorError: a table is not there, or cannot be read.
    """
    *pinned, current = [list_table(text) for text in locations]
    for table in pinned:
        if table.location.is_dated:
            raise DriftMonitorError(
                f"{table.location.text}: a reference takes no {{date:…}}: name one file or "
                "folder of it, or leave it out, and current's window before is the reference"
            )
    previews = [
        preview(listed, now, partial(progress, f"looking at {listed.location}"))
        for listed in (current, *pinned)
    ]
    current, *pinned = [
        replace(listed, table_format=seen.table_format)
        for listed, seen in zip((current, *pinned), previews, strict=True)
    ]
    reference = pinned[0] if pinned else None
    known = {column.name for column in previews[0].columns}
    others = [column for seen in previews[1:] for column in seen.columns]
    guesses = guess(previews[0].columns, [each for each in others if each.name not in known])
    if current.partitions is not None:
        times = 2 if reference is None else 1
        rhythm = rhythm_of_partitions(current.partitions, now, times=times)
    else:  # the rows' times choose only where that makes two tables of one
        span = previews[0].span if reference is None else None
        rhythm = rhythm_of_times(span, previews[0].rows, now)
    draft = _draft(name or name_of(current.location), reference, current, rhythm, guesses)
    monitor = Monitor.model_validate(draft.content)
    result, why_none = None, _why_no_run(monitor, reference, current, rhythm.newest)
    if why_none is None:
        any_rows = Monitor.model_validate({**draft.content, "minimum_rows": 1})
        engine = partial(by_columns, progress=partial(progress, "comparing"))
        result = score_run(any_rows, rhythm.newest, engine).result
        fewest = min(result.reference.rows, result.current.rows)
        if 0 < fewest < _ENOUGH_ROWS:
            why = f"guess: the smaller table has {fewest:,}; fewer than this are no data"
            draft.put("minimum_rows", value=max(1, fewest // 2), comment=why)
            monitor = Monitor.model_validate(draft.content)
    lines = ["Written by drift-monitor init. What is marked as a guess may be wrong: look at it."]
    unnamed = [role for role in ("prediction", "target") if getattr(guesses, role) is None]
    if unnamed:
        roles = " or the ".join(unnamed)
        lines.append(f"No column's name says that it is the {roles}: name it below columns.roles.")
    as_of = f" --as-of {rhythm.newest:%Y-%m-%dT%H:%MZ}" if rhythm.window is not None else ""
    run = f"drift-monitor run {quote(file)}{as_of}"
    if result is None:
        lines += ["", f"There was no first run: {why_none}.", f"To run it: {run}"]
    else:
        lines += ["", "What the first run found:", *_in_words(result), f"To run it again: {run}"]
    return FirstMonitor(draft.write(lines), monitor, rhythm.newest, result)


def _draft(
    name: str,
    reference: ListedTable | None,
    current: ListedTable,
    rhythm: Rhythm,
    guesses: Guesses,
) -> Draft:
    """Say it all, with a comment beside what was found or guessed."""
    draft = Draft()

    def put_format(side: str, listed: ListedTable) -> None:
        said = listed.table_format.model_dump(mode="json", exclude_none=True)
        for option, value in said.items():
            draft.put(side, "format", option, value=value, comment="by what the files hold")

    draft.put("name", value=name)
    schedule, often = rhythm.schedule
    draft.put("schedule", value=schedule, comment=f"{often} UTC: as often as the window is long")
    if reference is None and rhythm.window is not None:
        why = "guess: the window before; the table that the model was trained on tells more"
        draft.put("reference", "window", value="previous", comment=why)
    else:
        why = "guess: the same table; put the one that the model was trained on here"
        pinned, said = (current, why) if reference is None else (reference, _files(reference))
        draft.put("reference", "location", value=pinned.location.text, comment=said)
        put_format("reference", pinned)
    place = current.partitions or current
    timestamp = guesses.timestamp.column if guesses.timestamp is not None else None
    said = _files(current)
    if timestamp is not None and rhythm.window is None:
        said += f"; for its newest rows alone add window: 7d and timestamp: {timestamp}"
    draft.put("current", "location", value=place.location.text, comment=said)
    if rhythm.window is not None:
        why = "guess: the newest data before a run; docs/windows.md has the other forms"
        draft.put("current", "window", value=rhythm.window, comment=why)
        if current.partitions is None:
            draft.put("current", "timestamp", value=timestamp, comment="chooses the rows")
    if current.has_success:
        why = "a folder counts once it has a _SUCCESS, as these have"
        draft.put("current", "wait_for_success", value=True, comment=why)
    put_format("current", current)
    # A name may have wildcards' signs in it, which a pattern takes for wildcards.
    draft.put_guesses("columns", "exclude", found=guesses.exclude, write=escape)
    draft.put_guesses("columns", "categorical", found=guesses.categorical, write=escape)
    for role in ("prediction", "target", "timestamp"):
        one: Guess | None = getattr(guesses, role)
        if one is not None:
            draft.put("columns", "roles", role, value=one.column, comment=f"guess: {one.why}")
    draft.put_guesses("columns", "roles", "id", found=guesses.ids)
    return draft


def _files(listed: ListedTable) -> str:
    """Say what lies there."""
    kind = NAMES[listed.table_format.type or format_of(listed.files[-1].path) or "parquet"]
    dated, count = listed.partitions, len(listed.files)
    if dated is None:
        return f"{count:,} file{'' if count == 1 else 's'}, {kind}"
    count, form = len(dated.files), _DATES[dated.unit]
    first, last = (f"{moment:{form}}" for moment in (min(dated.files), max(dated.files)))
    said = f"{count:,} {dated.unit}{'' if count == 1 else 's'}, {first} to {last}, {kind}"
    if dated.undated:
        said += f"; not read, without such a date: {dated.undated[0].path}"
        said += f" and {len(dated.undated) - 1:,} more" if len(dated.undated) > 1 else ""
    return said


def _why_no_run(
    monitor: Monitor, reference: ListedTable | None, current: ListedTable, scheduled_at: datetime
) -> str | None:
    """Say why there is no first run; None where there is one."""
    window = window_at(monitor.current, scheduled_at)
    if reference is None and window is None:
        return "there is one table, and nothing by which to tell its older rows from the newer"

    def size_within(window: Window | None) -> int:
        if current.partitions is None or window is None:
            return size_of(current.files)
        files = current.partitions.files
        return sum(
            size_of(files[moment]) for moment in files if window.start <= moment < window.end
        )

    before = reference_window(monitor.reference, monitor.current, window)
    compared = size_within(window)
    compared += size_within(before) if reference is None else size_of(reference.files)
    if compared > MOST_BYTES:
        return f"the files have {compared / _GB:,.1f} GB, which takes a while"
    return None


def _in_words(result: DriftResult) -> list[str]:
    """Say what a run found, a line each: rows, columns, and which drifted."""

    def rows(name: str, table: TableSummary, window: WindowSummary | None) -> str:
        when = "" if window is None else f", {window_words(window)}"
        missing = f", {len(table.missing_files):,} missing" if table.missing_files else ""
        files = "1 file" if table.files == 1 else f"{table.files:,} files"
        return f"{name}: {table.rows:,} rows in {files}{missing}{when}"

    lines = [
        rows("reference", result.reference, result.reference_window),
        rows("current", result.current, result.window),
    ]
    if result.status == "no_data":
        return [*lines, result.outcome]
    drifted = result.having(Status.DRIFTED)
    worst_first = ", the worst first:" if drifted else ""
    lines.append(f"{len(result.columns):,} columns. {result.outcome}{worst_first}")
    for column in drifted[:_MOST_NAMED]:
        score = f"{one_line(column.column)}: {column.bound} ({column.method})"
        lines.append(f"  {', '.join([score, *direction(column)])}")
    if len(drifted) > _MOST_NAMED:
        lines.append(f"  and {len(drifted) - _MOST_NAMED:,} more")
    for status, said in _STATUSES.items():
        names = [one_line(column.column) for column in result.having(status)]
        more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
        if names:
            lines.append(f"{said}: {', '.join(names[:_MOST_NAMED])}{more}")
    return lines


def name_of(location: Location) -> str:
    """Return the last name in a location that says what the table is of, as a monitor may have it.

    Dates, wildcards and names such as data or daily do not say it.
    """
    path = re.sub(r"\{date:[^{}]*\}", "/", location.path)
    names = [monitor_name(part.split(".")[0]) for part in path.split("/") if "=" not in part]
    telling = [name for name in names if re.search("[a-z]", name) and name not in _OF_NO_TABLE]
    return telling[-1] if telling else "first-monitor"


def monitor_name(text: str) -> str:
    """Return a text as a monitor's name: lower-case letters, digits and hyphens; maybe nothing."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:_LONGEST_NAME].strip("-")
