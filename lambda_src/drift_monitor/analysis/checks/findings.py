"""Findings: how current differs from the baseline or from reference, before limits are applied."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift_monitor.analysis.checks.baseline import Baseline, ColumnBaseline
from drift_monitor.analysis.checks.duplicates import repeated_share
from drift_monitor.analysis.columns.arrays import as_text, kind_of
from drift_monitor.analysis.columns.profile import only_in
from drift_monitor.analysis.columns.source import ColumnSource
from drift_monitor.analysis.columns.values import Categories, ColumnValues, Numbers
from drift_monitor.config.checks import CheckName
from drift_monitor.config.methods import Kind
from drift_monitor.errors import ColumnError
from drift_monitor.text import count, fine_percent, quoted

AGAIN = "run drift-monitor baseline again"

OF_VALUES: tuple[CheckName, ...] = ("null_share", "range", "unseen_categories")
"""The checks of a column's values."""
_EXAMPLES = 3
_SORTS = {
    r"u?int\d+|halffloat|float|double|decimal\d+\(.*": "numbers",
    "(large_)?string": "text",
    "bool": "booleans",
    "date.*": "dates",
    "timestamp.*tz=.*": "times with a zone",
    "timestamp.*": "times",
    r"time\d.*": "times of day",
    "duration.*": "durations",
    "(large_|fixed_size_)?binary.*": "bytes",
}
_LIST = re.compile(r"(?:large_|fixed_size_)?list<[^:]*: (.*?)(?: not null)?>(?:\[\d+\])?")


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes:
        check: its name.
        column: of which column; None for the table.
        value: how much, to compare with a limit; None where it could not be checked.
        reason: what that is in words, or why it could not be checked.
        limit: how the check's limit is written, such as `{} more`; empty where it is not.
    """

    check: CheckName
    column: str | None
    value: float | None
    reason: str
    limit: str = ""


def of_missing(known: Iterable[str], where: str, current: ColumnSource) -> Iterator[Finding]:
    """Find the columns that current lacks, of those that are known of the reference."""
    there = set(current.columns)
    for name in known:
        if name not in there:
            yield Finding("missing_columns", name, 1, f"in {where}, but not in current")


def of_new(known: Collection[str], where: str, current: ColumnSource) -> Iterator[Finding]:
    """Find the columns that the reference lacks."""
    for name in current.columns:
        if name not in known:
            yield Finding("new_columns", name, 1, f"in current, but not in {where}")


def of_types(baseline: Baseline, current: ColumnSource) -> Iterator[Finding]:
    """Find the columns that hold another sort of value than in the baseline."""
    for name in current.columns:
        known = baseline.columns.get(name)
        if known and (reason := _changed_type(known, name, current)):
            yield Finding("changed_types", name, 1, reason)


def of_kinds(reference: ColumnSource, current: ColumnSource) -> Iterator[Finding]:
    """Find the columns that are of another kind than in reference, so cannot be compared."""
    there = set(reference.columns)
    for name in current.columns:
        if name in there and (reason := _changed_kind(reference, name, current)):
            yield Finding("changed_types", name, 1, reason)


def _changed_kind(reference: ColumnSource, name: str, current: ColumnSource) -> str | None:
    try:
        before = reference.type_of(name)
    except ColumnError:  # which its result says
        return None
    try:
        now = current.type_of(name)
    except ColumnError as error:
        return str(error)
    kinds = kind_of(before), kind_of(now)
    if None in kinds or kinds[0] is kinds[1]:
        return None
    sorts = [f"{sort_of(str(each))} ({each})" for each in (now, before)]
    reason = f"{sorts[0]}, {sorts[1]} in reference"
    if kinds == (Kind.NUMERIC, Kind.CATEGORICAL) and not pa.types.is_boolean(now):
        return f"{reason}: {_no_numbers(current, name)}"
    return reason


_NUMBER = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$"
_MOST_READ = 1_000_000
"""Values that are read to say how many of them are no numbers."""


def _no_numbers(current: ColumnSource, name: str) -> str:
    """Say how many values of a column of text are no numbers: often a few spoil all others."""
    read = spoilt = 0
    for chunk in current.read(name):
        values = as_text(chunk.drop_null())[: _MOST_READ - read]
        read += len(values)
        spoilt += len(values) - (pc.sum(pc.match_substring_regex(values, _NUMBER)).as_py() or 0)
        if read == _MOST_READ:
            break
    of = "the first " if read == _MOST_READ else ""
    verb = "is not a number" if spoilt == 1 else "are not numbers"
    return f"{spoilt:,} of {of}{count(read, 'value')} {verb}"


def _changed_type(known: ColumnBaseline, name: str, current: ColumnSource) -> str | None:
    try:
        now = str(current.type_of(name))
    except ColumnError as error:
        return str(error)
    if known.type is None or "null" in (known.type, now) or sort_of(known.type) == sort_of(now):
        return None
    return f"{now}, {known.type} in the baseline"


def sort_of(arrow_type: str) -> str:
    """Return what sort of values a type has: numbers of any width are one sort.

    What a list calls its values depends on its writer, and means nothing.
    """
    of_list = _LIST.fullmatch(arrow_type)
    if of_list:
        return f"lists of {sort_of(of_list[1])}"
    sorts = (sort for name, sort in _SORTS.items() if re.fullmatch(name, arrow_type))
    return next(sorts, arrow_type)


def of_values(name: str, known: ColumnBaseline, side: ColumnValues) -> Iterator[Finding]:
    """Say of a column what the comparison has read of it in current."""
    if known.null_share is None:
        reason = known.problem or "the baseline has its type alone"
        yield Finding("null_share", name, None, f"{reason}: {AGAIN}")
        return
    rows = side.size + side.nulls
    nulls = side.nulls / rows if rows else 0.0
    yield Finding(
        "null_share",
        name,
        _share(nulls - known.null_share),
        f"{fine_percent(nulls)} of rows have no value, "
        f"{fine_percent(known.null_share)} in the baseline",
        "{} more",
    )
    if side.size:
        yield (
            _of_range(name, known, side)
            if isinstance(side, Numbers)
            else _of_categories(name, known, side)
        )


def _of_range(name: str, known: ColumnBaseline, side: Numbers) -> Finding:
    """Compare with the baseline's range; neither's ends are named, as each is one row's value."""
    if known.min is None or known.max is None:
        return Finding("range", name, None, _lacking(known, "number"))
    below = int(side.rank(np.array([known.min]), "left")[0]) / side.size
    above = (side.size - int(side.rank(np.array([known.max]), "right")[0])) / side.size
    return Finding(
        "range",
        name,
        _share(below + above),
        f"{fine_percent(below + above)} of values are outside the baseline's range, "
        f"{fine_percent(below)} below and {fine_percent(above)} above it",
        "{}",
    )


def _of_categories(name: str, known: ColumnBaseline, side: Categories) -> Finding:
    if known.categories is None:
        reason = _lacking(known, "category")
        if known.distinct is not None:
            reason = f"the baseline keeps no list of as many as {known.distinct:,} categories"
        return Finding("unseen_categories", name, None, reason)
    values = pa.array(known.categories, pa.large_string())
    unseen = only_in(side, Categories(values, np.array([*known.categories.values()]), 0))
    categories = count(unseen.categories, "category", "categories")
    such = ", ".join(map(quoted, unseen.examples[:_EXAMPLES]))
    return Finding(
        "unseen_categories",
        name,
        _share(unseen.share),
        f"{fine_percent(unseen.share)} of values are of {categories} that the baseline lacks"
        + (f", such as {such}" if such else ""),
        "{}",
    )


def _lacking(known: ColumnBaseline, what: str) -> str:
    """Say that the baseline has none: it will not have one either if the reference has none."""
    if known.null_share == 1:
        return "the baseline has no value of it"
    return f"the baseline has no {what} of it: {AGAIN}"


def of_ids(names: list[str], baseline: Baseline, current: ColumnSource) -> Finding:
    """Count the rows of current that repeat an earlier row's ids, beyond the baseline's share."""
    together, known = ", ".join(names), baseline.ids_of(names)
    if known is None:
        reason = f"the baseline has not counted the ids {together}: {AGAIN}"
        return Finding("duplicate_ids", None, None, reason)
    if known.repeated_share is None:
        reason = f"in the reference the ids {together} were not counted: {known.problem}"
        return Finding("duplicate_ids", None, None, reason)
    lacking = [name for name in names if name not in current.columns]
    if lacking:
        return Finding("duplicate_ids", None, None, f"current has no {', '.join(lacking)}")
    try:
        repeated = repeated_share(current, names)
    except ColumnError as error:
        return Finding("duplicate_ids", None, None, str(error))
    return Finding(
        "duplicate_ids",
        None,
        _share(repeated - known.repeated_share),
        f"{fine_percent(repeated)} of rows repeat the {together} of another, "
        f"{fine_percent(known.repeated_share)} in the baseline",
        "{} more",
    )


def _share(share: float) -> float:
    """Take off what floats add: 7% is 5 points more than 2%, not a trace more than that."""
    return round(float(share), 12)
