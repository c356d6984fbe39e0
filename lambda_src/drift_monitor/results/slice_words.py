"""How the pages and the messages speak of slices."""

from collections.abc import Sequence
from textwrap import wrap

from drift_monitor.results.slices import SliceDrift
from drift_monitor.text import one_line

_NAMED = 5
"""Drifted slices that an email names, at most."""


def slice_name(found: SliceDrift) -> str:
    """Name a slice, such as `carrier=UA, origin=JFK`."""
    if found.is_other:
        return "other"
    if found.values is None:
        return "a value too rare to name"
    return ", ".join(
        f"{one_line(column)}: no value"
        if value is None
        else f"{one_line(column)}={one_line(value)}"
        for column, value in zip(found.by, found.values, strict=True)
    )


def slices_in_words(slices: Sequence[SliceDrift]) -> str:
    """Say in a line what became of a run's slices: one or more."""
    first = slices[0]
    by = f"Slices by {' and '.join(map(one_line, first.by))}"
    if not first.has_rows:
        return f"{by}: {one_line(first.reason or '')}"
    compared = sum(found.status != "too_small" for found in slices)
    said = f"{len(_drifted(slices))} of {compared} drifted" if compared else "none compared"
    small = len(slices) - compared
    too_small = f", {small} too small" if small else ""
    return f"{by}, of at least {first.smallest:,} rows: {said}{too_small}"


def slice_lines(slices: Sequence[SliceDrift], width: int) -> list[str]:
    """Name the drifted slices, the worst first, each line no wider than this."""
    if not slices:
        return []
    drifted = _drifted(slices)
    if not drifted:
        return ["", *wrap(slices_in_words(slices), width, subsequent_indent="  ")]
    named = [
        f"{slice_name(found)} ({found.drifted_columns} of {found.scored_columns})"
        for found in drifted[:_NAMED]
    ]
    more = f" and {len(drifted) - _NAMED} more" if len(drifted) > _NAMED else ""
    said = f"Drifted slices: {', '.join(named)}{more}"
    return ["", *wrap(said, width, subsequent_indent="  ")]


def _drifted(slices: Sequence[SliceDrift]) -> list[SliceDrift]:
    drifted = [found for found in slices if found.status == "drifted"]
    return sorted(drifted, key=lambda found: (found.severity != "critical", -found.drifted_share))
