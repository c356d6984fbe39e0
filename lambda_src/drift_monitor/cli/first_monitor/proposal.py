"""A first monitor for one table or two: what its file says, and what its first run finds."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from shlex import quote

from drift_monitor.cli.first_monitor.draft import Draft
from drift_monitor.cli.first_monitor.first_run import first_run, in_words
from drift_monitor.cli.first_monitor.guesses import Guesses, guess
from drift_monitor.cli.first_monitor.listing import ListedTable, list_table, size_of
from drift_monitor.cli.first_monitor.name import name_of
from drift_monitor.cli.first_monitor.table_look import TableLook, look_at
from drift_monitor.cli.first_monitor.windows import Rhythm, rhythm_of_partitions, rhythm_of_times
from drift_monitor.config.monitor import Monitor
from drift_monitor.errors import DriftMonitorError
from drift_monitor.results.run import DriftResult
from drift_monitor.tables.window import Window, reference_window, window_at

MOST_BYTES = 2 << 30
"""Tables of more bytes are not compared for a first look."""
_ENOUGH_ROWS = 100
_GB = 1e9

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
    *pinned, current = _listed(locations)
    looks = [
        look_at(listed, now, partial(progress, f"looking at {listed.location}"))
        for listed in (current, *pinned)
    ]
    current, *pinned = [
        replace(listed, table_format=look.table_format)
        for listed, look in zip((current, *pinned), looks, strict=True)
    ]
    reference = pinned[0] if pinned else None
    guesses = _guess(looks)
    rhythm = _rhythm(current, looks[0], now, is_alone=reference is None)
    draft = _draft(name or name_of(current.location), reference, current, rhythm, guesses)
    monitor = Monitor.model_validate(draft.content)
    why_not = _why_no_run(monitor, reference, current, rhythm.newest)
    result = None
    if why_not is None:
        any_rows = monitor.model_copy(update={"minimum_rows": 1})
        result = first_run(any_rows, rhythm.newest, partial(progress, "comparing"))
        _put_minimum_rows(draft, result)
    head = _head(file, rhythm, guesses, result, why_not)
    monitor = Monitor.model_validate(draft.content)
    return FirstMonitor(draft.write(head), monitor, rhythm.newest, result)


def _listed(locations: list[str]) -> list[ListedTable]:
    *pinned, current = [list_table(text) for text in locations]
    for reference in pinned:
        if reference.location.is_dated:
            raise DriftMonitorError(
                f"{reference.location.text}: a reference takes no {{date:…}}: name one file or "
                "folder of it, or leave it out, and current's window before is the reference"
            )
    return [*pinned, current]


def _guess(looks: list[TableLook]) -> Guesses:
    current, *reference = [look.columns for look in looks]
    known = {look.name for look in current}
    return guess(current, [look for side in reference for look in side if look.name not in known])


def _rhythm(current: ListedTable, look: TableLook, now: datetime, *, is_alone: bool) -> Rhythm:
    """Choose a window; by the rows' times only where that makes two sides of one table."""
    if current.partitions is not None:
        return rhythm_of_partitions(current.partitions, now, times=2 if is_alone else 1)
    found = rhythm_of_times(look.span, look.rows, now) if look.span and is_alone else None
    return found or Rhythm(now)


def _draft(
    name: str,
    reference: ListedTable | None,
    current: ListedTable,
    rhythm: Rhythm,
    guesses: Guesses,
) -> Draft:
    draft = Draft()
    draft.put("name", value=name)
    schedule, often = rhythm.schedule
    draft.put("schedule", value=schedule, comment=f"{often} UTC: as often as the window is long")
    if reference is None:
        draft.put_same_reference(current, rhythm.window)
    else:
        draft.put_pinned_reference(reference)
    timestamp = guesses.timestamp
    draft.put_current(current, rhythm, timestamp.column if timestamp is not None else None)
    draft.put_columns(guesses)
    return draft


def _put_minimum_rows(draft: Draft, result: DriftResult) -> None:
    """Lower the fewest rows of a window where these have fewer."""
    fewest = min(result.reference.rows, result.current.rows)
    if 0 < fewest < _ENOUGH_ROWS:
        why = f"guess: the smaller table has {fewest:,}; fewer than this are no data"
        draft.put("minimum_rows", value=max(1, fewest // 2), comment=why)


def _why_no_run(
    monitor: Monitor, reference: ListedTable | None, current: ListedTable, scheduled_at: datetime
) -> str | None:
    """Say why there is no first run; None where there is one."""
    window = window_at(monitor.current, scheduled_at)
    if reference is None and window is None:
        return "there is one table, and nothing by which to tell its older rows from the newer"
    before = reference_window(monitor.reference, monitor.current, window)
    compared = reference.size if reference is not None else _size_within(current, before)
    compared += _size_within(current, window)
    if compared > MOST_BYTES:
        return f"the files have {compared / _GB:,.1f} GB, which takes a while"
    return None


def _size_within(listed: ListedTable, window: Window | None) -> int:
    if listed.partitions is None or window is None:
        return listed.size
    files = listed.partitions.files
    return sum(size_of(files[moment]) for moment in files if window.start <= moment < window.end)


def _head(
    file: str,
    rhythm: Rhythm,
    guesses: Guesses,
    result: DriftResult | None,
    why_not: str | None,
) -> list[str]:
    """Return the comment above it all."""
    unnamed = [role for role in ("prediction", "target") if getattr(guesses, role) is None]
    lines = ["Written by drift-monitor init. What is marked as a guess may be wrong: look at it."]
    if unnamed:
        roles = " or the ".join(unnamed)
        lines.append(f"No column's name says that it is the {roles}: name it below columns.roles.")
    as_of = f" --as-of {rhythm.newest:%Y-%m-%dT%H:%MZ}" if rhythm.window is not None else ""
    again = f"drift-monitor run {quote(file)}{as_of}"
    if result is None:
        return [*lines, "", f"There was no first run: {why_not}.", f"To run it: {again}"]
    found = ["What the first run found:", *in_words(result)]
    return [*lines, "", *found, f"To run it again: {again}"]
