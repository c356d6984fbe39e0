"""One column's drift score: the method, its number, and where drift begins."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

import pyarrow as pa

from drift_monitor.analysis.columns.values import ColumnValues, Numbers, union_of
from drift_monitor.analysis.drift import distances
from drift_monitor.config.drift import DriftRule, critical_misfit
from drift_monitor.config.methods import METHODS, Kind
from drift_monitor.errors import ColumnError
from drift_monitor.slow_imports import SLOW_IMPORTS

# What Evidently's choice of a method turns on: rows of reference, and distinct values.
_SMALL_REFERENCE = 1000
_FEW_VALUES = 5
_TWO_VALUES = 2

_DISTANCES = {"wasserstein", "jensenshannon", "kl_div", "psi", "hellinger"}
_P_VALUES = {"ks", "t_test", "chisquare", "z"}


@dataclass(frozen=True)
class ColumnPair:
    """A column of both tables.

    Attributes:
        kind: numeric or categorical.
        reference: its values in reference, in the form that is scored.
        current: the same of current.
        reread: reads the column again from reference and from current, in the order of rows.
    """

    kind: Kind
    reference: ColumnValues
    current: ColumnValues
    reread: Callable[[], tuple[Iterable[pa.Array], Iterable[pa.Array]]]


@dataclass(frozen=True)
class Score:
    """What a method says of a column.

    Attributes:
        method: Evidently's name of the method.
        score: a distance, or a p-value where the method gives one.
        threshold: where drift begins.
    """

    method: str
    score: float
    threshold: float


def score_column(pair: ColumnPair, rule: DriftRule) -> Score:
    """Score the drift of one column, on all its values.

    The method, where the rule names none, is Evidently's choice.

    Raises:
        ColumnError: a side has no value, or the method does not fit or gives no number.
    """
    sizes = pair.reference.size, pair.current.size
    method = method_for(
        rule, pair.kind, sizes, lambda: default_method(pair.reference, pair.current)
    )
    return score_of(method, raw_score(method, pair), rule)


def method_for(
    rule: DriftRule, kind: Kind, sizes: tuple[int, int], choose: Callable[[], str]
) -> str:
    """Return the method that scores a column.

    Args:
        rule: may name it.
        kind: numeric or categorical.
        sizes: how many values each side has.
        choose: makes Evidently's choice, where the rule leaves it.

    Raises:
        ColumnError: a side has no value, or the method does not fit.
    """
    for size, name in zip(sizes, ("reference", "current"), strict=True):
        if not size:
            raise ColumnError(f"no value in {name}")
    if rule.method is not None and kind not in METHODS[rule.method].kinds:
        raise ColumnError(f"{rule.method} does not score {kind} columns")
    return rule.method or choose()


def score_of(method: str, score: float, rule: DriftRule) -> Score:
    """Put the rule's threshold, or else the method's, beside a number.

    Raises:
        ColumnError: it is no finite number, or the rule's critical threshold does not fit.
    """
    if not math.isfinite(score):
        raise ColumnError(f"{method} gives no finite number for these values")
    threshold = METHODS[method].threshold if rule.threshold is None else rule.threshold
    misfit = critical_misfit(method, threshold, rule.critical)
    if misfit:  # where the method is Evidently's choice, the monitor's file could not be checked
        raise ColumnError(f"{misfit}: name a method beside critical")
    return Score(method, score, threshold)


def default_method(reference: ColumnValues, current: ColumnValues) -> str:
    """Return Evidently's choice, by the rows of reference, the kind and the distinct values."""
    if isinstance(reference, Numbers) and isinstance(current, Numbers):
        few = {*reference.distinct(_FEW_VALUES + 1), *current.distinct(_FEW_VALUES + 1)}
        return default_for(Kind.NUMERIC, reference.size, len(few))
    return default_for(Kind.CATEGORICAL, reference.size, len(union_of(reference, current)))


def default_for(kind: Kind, rows: int, values: int) -> str:
    """Return Evidently's choice.

    Args:
        kind: numeric or categorical.
        rows: those of reference that have a value.
        values: the distinct ones of both sides, or so many of them that they are not few.
    """
    if kind is Kind.NUMERIC and values > _FEW_VALUES:
        return "ks" if rows <= _SMALL_REFERENCE else "wasserstein"
    if rows > _SMALL_REFERENCE:
        return "jensenshannon"
    return "chisquare" if values > _TWO_VALUES else "z"


def raw_score(method: str, pair: ColumnPair) -> float:
    """Return what a method gives, be it a number or not."""
    if method in _DISTANCES:
        distance: Callable[[ColumnValues, ColumnValues], float] = getattr(distances, method)
        return distance(pair.reference, pair.current)
    if method in _P_VALUES:
        p_value: Callable[[ColumnValues, ColumnValues], float] = getattr(
            _import("p_values"), method
        )
        return p_value(pair.reference, pair.current)
    score: float = _import("evidently_methods").score_rows(method, pair.kind, *pair.reread())
    return score


def _import(module: str) -> ModuleType:
    """Import a module of this package that takes seconds: scipy's statistics one, Evidently six."""
    with SLOW_IMPORTS:
        return import_module(f"drift_monitor.analysis.drift.{module}")
