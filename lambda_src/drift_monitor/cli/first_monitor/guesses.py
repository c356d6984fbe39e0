"""What a table's columns may be, guessed from their names and from some of their values."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from drift_monitor.analysis.columns.recognized import (
    IDS,
    TIME_PARTS,
    TIME_WORDS,
    ColumnPreview,
    why_id,
)
from drift_monitor.config.methods import Kind

_YES_OR_NO, _FEW, _MOST_CODES = 2, 12, 1000
_REPEATED = 5
"""A code's values are each there so often, on average."""

_TIMES = ["timestamp", "event time", "event timestamp", "time", "datetime", "date", "ts"]
_PREDICTIONS = [
    "prediction", "predictions", "predicted", "pred", "y pred", "y hat", "yhat", "model output",
    "model score", "prediction score", "predicted probability", "score", "probability", "proba",
]  # fmt: skip
_PREDICTION_PARTS = ("predicted", "prediction", "pred", "yhat")
_TARGETS = [
    "target", "label", "y", "y true", "ground truth", "actual", "actuals", "outcome", "response",
    "class", "churn", "churned", "is fraud", "fraud",
]  # fmt: skip
_TARGET_PARTS = ("target", "label")
_CODES = {
    "code", "type", "category", "class", "status", "flag", "zip", "zipcode", "postcode", "plz",
    "hour", "minute", "weekday", "dayofweek", "dow", "region", "group", "level", "segment",
}  # fmt: skip
_AMOUNTS = {
    "count", "cnt", "num", "number", "n", "qty", "quantity", "amount", "age", "days", "hours",
    "minutes", "seconds", "years", "months", "items", "total", "sum", "size", "length",
}  # fmt: skip


@dataclass(frozen=True)
class Guess:
    """A column, and why it may be what is guessed."""

    column: str
    why: str


@dataclass(frozen=True)
class Guesses:
    """What columns may be."""

    timestamp: Guess | None = None
    prediction: Guess | None = None
    target: Guess | None = None
    ids: list[Guess] = field(default_factory=list)
    categorical: list[Guess] = field(default_factory=list)
    exclude: list[Guess] = field(default_factory=list)


def guess(columns: list[ColumnPreview], only_in_reference: list[ColumnPreview]) -> Guesses:
    """Guess the columns' roles and kinds.

    Args:
        columns: current's columns.
        only_in_reference: those that current lacks: the target may be among them.
    """
    kinds = (Kind.NUMERIC, Kind.CATEGORICAL)
    scored = [column for column in [*columns, *only_in_reference] if column.kind in kinds]
    prediction = _by_name(scored, _PREDICTIONS, _PREDICTION_PARTS)
    others = [column for column in scored if not prediction or column.name != prediction.column]
    target = _by_name(others, _TARGETS, _TARGET_PARTS)
    answers = {found.column for found in (prediction, target) if found is not None}
    found = Guesses(timestamp_among(columns), prediction, target)
    for column in columns:
        is_answer = column.name in answers
        if not is_answer and (why := _why_excluded(column)):
            found.exclude.append(Guess(column.name, why))
        elif not is_answer and (why := why_id(column)):
            found.ids.append(Guess(column.name, why))
        elif why := _why_categorical(column):
            found.categorical.append(Guess(column.name, why))
    return found


def timestamp_among(columns: list[ColumnPreview]) -> Guess | None:
    """Return the column that says when a row happened: the one of times, or the best by name."""
    times = [column for column in columns if column.kind is Kind.TIMESTAMP]
    if len(times) == 1:
        return Guess(times[0].name, "the only column of times")
    named = _by_name(times, _TIMES, TIME_PARTS)
    return named or (Guess(times[0].name, "the first column of times") if times else None)


def _by_name(
    columns: list[ColumnPreview], names: Sequence[str], parts: Sequence[str]
) -> Guess | None:
    """Return the column whose name comes first among these, or begins or ends with a part."""
    by_words = {" ".join(column.words): column.name for column in reversed(columns)}
    named = [by_words[name] for name in names if name in by_words]
    named += [column.name for column in columns if column.begins_or_ends_with(parts)]
    return Guess(named[0], "by its name") if named else None


def _why_excluded(column: ColumnPreview) -> str | None:
    """Tell whether a column is a part of a date, or times that are written as texts or numbers."""
    if column.is_whole and column.is_of_calendar:
        return "it moves with the calendar, whatever else does"
    is_text = column.kind is Kind.CATEGORICAL
    if column.may_be_times and (is_text or not TIME_WORDS.isdisjoint(column.words)):
        return f"times as {'texts' if is_text else 'numbers'}: it moves with the calendar"
    return None


def _why_categorical(column: ColumnPreview) -> str | None:
    """Tell whether a column's numbers are codes: few whole ones, each of them often."""
    distinct, words = column.distinct, set(column.words)
    if not column.is_whole or column.values < _REPEATED * distinct:
        return None
    different = f"{distinct:,} different whole numbers" if distinct > 1 else "one number"
    if words & (_CODES | IDS) and distinct <= _MOST_CODES:
        return f"{different}, and a code by its name"
    if distinct <= _FEW and (distinct <= _YES_OR_NO or not words & _AMOUNTS):
        return different
    return None
