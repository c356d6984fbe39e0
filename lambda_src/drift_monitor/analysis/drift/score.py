"""One column's drift score: the method, its number, and where drift begins."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import cast

import pyarrow as pa

from drift_monitor.analysis.columns.values import ColumnValues, Numbers, union_of
from drift_monitor.analysis.drift.distances import jensenshannon_of
from drift_monitor.analysis.drift.robust import (
    Judged,
    counts_of_few,
    judged_by_counts,
    judged_by_shift,
)
from drift_monitor.config.drift import DriftRule, Judge, critical_misfit
from drift_monitor.config.methods import METHODS, Kind, MethodName
from drift_monitor.errors import ColumnError
from drift_monitor.results.drift import OtherScore
from drift_monitor.slow_imports import SLOW_IMPORTS

# What Evidently's choice of a method turns on: rows of reference, and distinct values.
_SMALL_REFERENCE = 1000
_FEW_VALUES = 5
_TWO_VALUES = 2

ON_VALUES = {
    MethodName.WASSERSTEIN: "distances:wasserstein",
    MethodName.JENSENSHANNON: "distances:jensenshannon",
    MethodName.KL_DIV: "distances:kl_div",
    MethodName.PSI: "distances:psi",
    MethodName.HELLINGER: "distances:hellinger",
    MethodName.KS: "p_values:ks",
    MethodName.T_TEST: "p_values:t_test",
    MethodName.CHISQUARE: "p_values:chisquare",
    MethodName.CHISQUARE_HOMOGENEITY: "p_values:chisquare_homogeneity",
    MethodName.FISHER_EXACT: "p_values:fisher_exact",
    MethodName.G_TEST: "p_values:g_test",
    MethodName.Z: "p_values:z",
}
"""What computes a method from sorted numbers or counted categories: a module of this package, and
its function of reference and current. Every other method is Evidently's own code, on the rows."""


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
        method: its name.
        score: a distance, or a p-value where the method gives one.
        threshold: where drift begins.
        critical: where critical drift begins, if the rule says so.
        judged: what the values show against chance; None where Evidently's rule decides.
        evidently: Evidently's own score beside it; None where `score` is that.
    """

    method: MethodName
    score: float
    threshold: float
    critical: float | None
    judged: Judged | None = None
    evidently: OtherScore | None = None


def score_column(pair: ColumnPair, rule: DriftRule, judge: Judge) -> Score:
    """Score the drift of one column, on all its values.

    Where the rule names no method, it is the judge's: the calibrated judge's own, or Evidently's
    choice. The history judge begins with what the calibrated one says; a rule's thresholds are for
    what it makes of that.

    Raises:
        ColumnError: a table has no value, the method does not fit or gives no finite number, or the
            rule's critical threshold does not fit the method.
    """
    for column, name in ((pair.reference, "reference"), (pair.current, "current")):
        if not column.size:
            raise ColumnError(f"no value in {name}")
    if rule.method is not None and pair.kind not in METHODS[rule.method].kinds:
        raise ColumnError(f"{rule.method} does not score {pair.kind} columns")
    judged = evidently = None
    if judge != "evidently":
        judged, evidently = _calibrated(pair)
    if rule.method is not None or judged is None:
        method = rule.method or default_method(pair.reference, pair.current)
        score, evidently = _raw_score(method, pair), None
    else:
        method, score = judged.method, judged.evidence.largest
    if judge == "history" and rule.method is None:
        rule = DriftRule()
    if not math.isfinite(score):
        raise ColumnError(f"{method} gives no finite number for these values")
    threshold = METHODS[method].threshold if rule.threshold is None else rule.threshold
    misfit = critical_misfit(method, threshold, rule.critical)
    if misfit:  # where the method is not named, the monitor's file could not be checked
        raise ColumnError(f"{misfit}: name a method beside critical")
    return Score(method, score, threshold, rule.critical, judged, evidently)


def _calibrated(pair: ColumnPair) -> tuple[Judged, OtherScore | None]:
    """Return what the values show, and Evidently's score: for large tables, whatever the rows."""
    counts = counts_of_few(pair.reference, pair.current)
    if counts is not None:
        before, after = counts
        score = jensenshannon_of(before / before.sum(), after / after.sum())
        return judged_by_counts(before, after), _evidently(MethodName.JENSENSHANNON, score)
    reference, current = cast("Numbers", pair.reference), cast("Numbers", pair.current)
    judged = judged_by_shift(reference, current)
    score = _raw_score(MethodName.WASSERSTEIN, pair)
    return judged, _evidently(MethodName.WASSERSTEIN, score)


def _evidently(method: MethodName, score: float) -> OtherScore | None:
    return OtherScore(method=method, score=score) if math.isfinite(score) else None


def default_method(reference: ColumnValues, current: ColumnValues) -> MethodName:
    """Return Evidently's choice, by the rows of reference, the kind and the distinct values."""
    is_small = reference.size <= _SMALL_REFERENCE
    if isinstance(reference, Numbers) and isinstance(current, Numbers):
        values = len({*reference.distinct(_FEW_VALUES + 1), *current.distinct(_FEW_VALUES + 1)})
        if values > _FEW_VALUES:
            return MethodName.KS if is_small else MethodName.WASSERSTEIN
    else:
        values = len(union_of(reference, current))
    if not is_small:
        return MethodName.JENSENSHANNON
    return MethodName.CHISQUARE if values > _TWO_VALUES else MethodName.Z


def _raw_score(method: MethodName, pair: ColumnPair) -> float:
    """Return what a method gives, be it a number or not."""
    if method in ON_VALUES:
        module, _, function = ON_VALUES[method].partition(":")
        score: float = getattr(_import(module), function)(pair.reference, pair.current)
    else:
        score = _import("evidently_methods").score_rows(method, pair.kind, *pair.reread())
    return score


def _import(module: str) -> ModuleType:
    """Import a module of this package that takes seconds: scipy's statistics one, Evidently six."""
    with SLOW_IMPORTS:
        return import_module(f"drift_monitor.analysis.drift.{module}")
