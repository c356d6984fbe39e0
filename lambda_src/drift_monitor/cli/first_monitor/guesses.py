"""What a table's columns may be, guessed from their names and from some of their values."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from drift_monitor.cli.first_monitor.column_looks import ColumnLook
from drift_monitor.config.methods import Kind

_FEWEST_VALUES = 20
"""With fewer, values say nothing."""
_NEARLY_ALL, _MOST_TEXTS = 0.9, 0.5
_YES_OR_NO, _FEW, _MOST_CODES = 2, 12, 1000
_REPEATED = 5
"""A code's values are each there so often, on average."""

_TIMES = ["timestamp", "event time", "event timestamp", "time", "datetime", "date", "ts"]
_TIME_PARTS = ("timestamp", "time", "date", "at")
_TIME_WORDS = {*_TIME_PARTS, "ts", "dt", "datetime", "epoch", "unix", "day"}
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
_IDS = {"id", "ids", "uuid", "guid", "key", "uid", "pk"}
_CODES = {
    "code", "type", "category", "class", "status", "flag", "zip", "zipcode", "postcode", "plz",
    "hour", "minute", "weekday", "dayofweek", "dow", "region", "group", "level", "segment",
}  # fmt: skip
_AMOUNTS = {
    "count", "cnt", "num", "number", "n", "qty", "quantity", "amount", "age", "days", "hours",
    "minutes", "seconds", "years", "months", "items", "total", "sum", "size", "length",
}  # fmt: skip
_CALENDAR = {"year", "month", "day", "week", "quarter", "day of year", "dayofyear", "yday"}


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


def guess(looks: list[ColumnLook], only_in_reference: list[ColumnLook]) -> Guesses:
    """Guess the columns' roles and kinds.

    Args:
        looks: current's columns.
        only_in_reference: those that current lacks: the target may be among them.
    """
    scored = [
        look
        for look in [*looks, *only_in_reference]
        if look.kind in (Kind.NUMERIC, Kind.CATEGORICAL)
    ]
    timestamp = timestamp_among(looks)
    prediction = _named(scored, _PREDICTIONS, _PREDICTION_PARTS)
    others = [look for look in scored if prediction is None or look.name != prediction.column]
    target = _named(others, _TARGETS, _TARGET_PARTS)
    answers = {found.column for found in (prediction, target) if found is not None}
    covariates = [look for look in looks if look.name not in answers]
    exclude = list(filter(None, map(_calendar, covariates)))
    excluded = {found.column for found in exclude}
    ids = [found for look in covariates if look.name not in excluded and (found := _id(look))]
    unscored = excluded | {found.column for found in ids}
    coded = [code for look in looks if look.name not in unscored and (code := _code(look))]
    return Guesses(timestamp, prediction, target, ids, coded, exclude)


def _named(
    looks: list[ColumnLook], names: Sequence[str], parts: Sequence[str] = ()
) -> Guess | None:
    """Return the column whose name comes first among these, or begins or ends with a part."""
    by_words = {" ".join(_words(look.name)): look.name for look in reversed(looks)}
    for name in names:
        if name in by_words:
            return Guess(by_words[name], "by its name")
    for look in looks:
        if _ends(look.name) & set(parts):
            return Guess(look.name, "by its name")
    return None


def timestamp_among(looks: list[ColumnLook]) -> Guess | None:
    """Return the column that says when a row happened: the one of times, or the best by name."""
    times = [look for look in looks if look.kind is Kind.TIMESTAMP]
    if len(times) == 1:
        return Guess(times[0].name, "the only column of times")
    named = _named(times, _TIMES, _TIME_PARTS)
    return named or (Guess(times[0].name, "the first column of times") if times else None)


def _calendar(look: ColumnLook) -> Guess | None:
    """Tell whether a column is a part of a date, or times that are written as texts or numbers."""
    words = _words(look.name)
    if look.is_whole and " ".join(words) in _CALENDAR:
        return Guess(look.name, "it moves with the calendar, whatever else does")
    if look.may_be_times and (look.kind is Kind.CATEGORICAL or _TIME_WORDS & set(words)):
        written = "texts" if look.kind is Kind.CATEGORICAL else "numbers"
        return Guess(look.name, f"times as {written}: it moves with the calendar")
    return None


def _id(look: ColumnLook) -> Guess | None:
    """Tell whether a column names a row: by its name, its values, or both."""
    is_text = look.kind is Kind.CATEGORICAL and look.values > 0
    if not (is_text or look.is_whole):
        return None
    is_named = bool(_ends(look.name) & _IDS)
    is_judged = look.values >= _FEWEST_VALUES
    if is_judged and look.distinct >= _NEARLY_ALL * look.values:
        if is_text or is_named:
            return Guess(look.name, "nearly every row has a value of its own")
        return Guess(look.name, "it numbers the rows") if look.is_numbered else None
    if is_named and (not is_judged or look.distinct > _MOST_CODES):
        return Guess(look.name, "by its name")
    if is_text and is_judged and look.distinct >= _MOST_TEXTS * look.values:
        return Guess(look.name, f"{look.distinct:,} different texts in {look.values:,} rows")
    return None


def _code(look: ColumnLook) -> Guess | None:
    """Tell whether a column's numbers are codes: few whole ones, each of them often."""
    words = set(_words(look.name))
    if not look.is_whole or look.values < _REPEATED * look.distinct:
        return None
    different = f"{look.distinct:,} different whole numbers" if look.distinct > 1 else "one number"
    if words & (_CODES | _IDS) and look.distinct <= _MOST_CODES:
        return Guess(look.name, f"{different}, and a code by its name")
    if look.distinct <= _FEW and (look.distinct <= _YES_OR_NO or not words & _AMOUNTS):
        return Guess(look.name, different)
    return None


def _ends(name: str) -> set[str]:
    words = _words(name)
    return {words[0], words[-1]} if words else set()


def _words(name: str) -> list[str]:
    """Take a name apart: passengerId, passenger_id and Passenger ID alike."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return re.findall(r"[^\W_]+", parted.lower())
