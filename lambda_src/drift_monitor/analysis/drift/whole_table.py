"""The drift of whole rows: how well a classifier tells current's rows from reference's.

It sees what no column shows by itself, such as a correlation that turned. The rows are those that
are kept of each column for plots: they are bounded, chosen by a seed, and nothing is read again.
"""

import logging
import math
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from drift_monitor.analysis.columns.blocks import Floats, Integers
from drift_monitor.analysis.columns.by_row import codes_by_row, floats_by_row
from drift_monitor.analysis.columns.recognized import moves_with_time
from drift_monitor.analysis.columns.values import read_numbers
from drift_monitor.analysis.drift.comparison import Comparison, PlotSample
from drift_monitor.analysis.drift.verdict import severity_together
from drift_monitor.config.drift import WholeTableRule
from drift_monitor.config.methods import Kind
from drift_monitor.config.monitor import Monitor
from drift_monitor.results.drift import ColumnDrift, Status, WholeTable, WholeTableColumn
from drift_monitor.results.severity import score_against
from drift_monitor.slow_imports import SLOW_IMPORTS
from drift_monitor.text import count

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier

_FOLDS = 5
_FEWEST_ROWS = 50
"""Of each table: with fewer, a fold has too few rows to learn from."""
_TREES = 50
_CATEGORIES = 200
"""A column's most frequent categories; the others are one."""
_NAMED = 5
"""Columns that are named as what gives the rows away, at most."""
_NOTABLE = 0.05
"""Of all that columns give away: one with less is not named."""
_OF_THE_MEAN = math.sqrt((1 + (_FOLDS - 1) * 27 / 64) / _FOLDS)
"""The standard deviation of the folds' mean over that of one fold, at most.

The folds' AUCs are not independent, as each fold's rows teach the models of the others. Where the
labels mean nothing, a fold's AUC is a sum over sets of labels (Efron and Stein 1981), of which each
has exactly one of the fold's own, as an AUC is linear in them. Two folds share the sets that have
one label of either. Rows are assigned to folds at random: of the sets of m labels that have one of
the first fold, those that have one of the second are P(binomial(m - 1, 1/4) = 1), at most 27/64.
So much are two folds correlated, at most.
"""

logger = logging.getLogger(__name__)


def compare_whole_rows(
    comparison: Comparison, broken: Collection[str], monitor: Monitor
) -> WholeTable | None:
    """Return how well a classifier tells the tables apart; None where the monitor does not ask.

    It is a gradient boosting of trees, cross-validated, on the scored columns but the target, times
    and what is broken. What goes wrong is a reason in the result, never an error.

    Args:
        comparison: the columns, judged, with their samples.
        broken: the columns of which a critical check failed.
        monitor: the rule, and the rate of false alarms.
    """
    rule = monitor.drift.whole_table
    if rule is None:
        return None
    rows = comparison.sampled_rows

    def failed(reason: str) -> WholeTable:
        return WholeTable(
            status=Status.ERROR,
            reference_rows=rows[0],
            current_rows=rows[1],
            threshold=rule.threshold,
            critical=rule.critical,
            reason=reason,
        )

    try:
        columns = _compared_columns(comparison, broken)
        if not columns:
            return failed("no column to compare")
        if min(rows) < _FEWEST_ROWS:
            few = f"{count(rows[1], 'row')} against {rows[0]:,} of reference"
            return failed(f"{few} are too few: {_FEWEST_ROWS} of each table are needed")
        scored = sum(column.is_scored for column in comparison.columns)
        # A column's own rate, so that the run as a whole keeps the rate that it promises.
        noise = chance_level(rows, monitor.drift.rate_of_a_column(scored))
        return _compared(comparison, columns, rule, noise)
    except Exception as error:  # any library's, and it may quote a value: log only
        logger.exception("whole rows could not be compared")
        return failed(f"could not be compared ({type(error).__name__}): the log says more")


def chance_level(rows: tuple[int, int], rate: float) -> float:
    """Return the cross-validated AUC that chance alone reaches at most at this rate.

    To a model that has not seen them a fold's labels are random where nothing moved, so its AUC is
    distributed as the statistic of Mann and Whitney (1947); for the folds' mean see _OF_THE_MEAN.

    Args:
        rows: of reference and of current.
        rate: of false alarms.
    """
    before, now = (each // _FOLDS for each in rows)
    of_a_fold = math.sqrt((before + now + 1) / (12 * before * now))
    return min(1.0, 0.5 + NormalDist().inv_cdf(1 - rate) * _OF_THE_MEAN * of_a_fold)


def _compared_columns(comparison: Comparison, broken: Collection[str]) -> list[ColumnDrift]:
    """Return the columns that the classifier sees, in an order that no score changes."""
    columns = [
        column
        for column in comparison.columns
        if column.is_scored
        and column.role != "target"
        and column.column not in broken
        and not _is_time(column, comparison.samples[column.column])
    ]
    return sorted(columns, key=lambda column: column.column)


def _is_time(column: ColumnDrift, sample: PlotSample) -> bool:
    """Tell whether a column is a time, a time as a number, or a part of a date."""
    if column.kind is not Kind.NUMERIC:
        return column.kind is Kind.TIMESTAMP
    before, now = (
        read_numbers(chunks, pa.float64(), sum(map(len, chunks)))
        for chunks in (sample.reference, sample.current)
    )
    return moves_with_time(column.column, before, now)


def _compared(
    comparison: Comparison, columns: Sequence[ColumnDrift], rule: WholeTableRule, noise: float
) -> WholeTable:
    before, now = comparison.sampled_rows
    values = np.empty((before + now, len(columns)))
    is_categorical = [column.kind is Kind.CATEGORICAL for column in columns]
    for place, column in enumerate(columns):
        sample = comparison.samples[column.column]
        as_floats = _codes if is_categorical[place] else _numbers
        values[:, place] = as_floats([*sample.reference, *sample.current])
    with _one_thread():
        folds = _cross_validate(values, np.repeat([0, 1], [before, now]), is_categorical)
        auc = float(np.mean([fold.auc(fold.values) for fold in folds]))
        severity = severity_together(auc, noise, rule)
        telltale = _telltale([column.column for column in columns], folds) if severity else []
    status, reason = Status.DRIFTED if severity else Status.OK, None
    if auc >= rule.threshold and not severity:
        status = Status.UNSURE
        reason = (
            f"{score_against(auc, rule.threshold)}, but {count(now, 'row')} against {before:,} of "
            f"reference give up to {noise:.3g} by chance"
        )
    return WholeTable(
        status=status,
        severity=severity,
        reference_rows=before,
        current_rows=now,
        auc=auc,
        threshold=rule.threshold,
        critical=rule.critical,
        noise=noise,
        columns=telltale,
        reason=reason,
    )


def _one_thread() -> AbstractContextManager[object]:
    """Import the libraries, and keep OpenMP to one thread while this is open.

    Its threads wait for each other by turning in a circle: with fewer processors free than there
    are threads, as in a function of less than a whole one, that takes a hundred times as long.
    """
    with SLOW_IMPORTS:
        import sklearn.ensemble  # noqa: PLC0415 - slow
        import sklearn.metrics  # noqa: PLC0415
        import sklearn.model_selection  # noqa: F401, PLC0415
        from threadpoolctl import threadpool_limits  # noqa: PLC0415
    limits: AbstractContextManager[object] = threadpool_limits(1, "openmp")
    return limits


def _numbers(sample: list[pa.Array]) -> Floats:
    """Return each row's number as float32 has it; without one, or infinite, NaN.

    Where one table is of float32, trees would tell its 0.1 from the other's.
    """
    with np.errstate(over="ignore"):
        short = np.concatenate([floats_by_row(chunk) for chunk in sample]).astype(np.float32)
    values = short.astype(np.float64)
    values[np.isinf(values)] = np.nan
    return values


def _codes(sample: list[pa.Array]) -> Floats:
    """Return each row's category by how frequent it is: 0 the most; no value is one, too."""
    _, codes = codes_by_row(sample, pa.large_string(), sum(map(len, sample)))
    rank = np.argsort(np.argsort(-np.bincount(codes), kind="stable"))
    ranks: Floats = np.minimum(rank, _CATEGORIES)[codes].astype(np.float64)
    return ranks


@dataclass(frozen=True)
class _Fold:
    """Rows of both tables, and a model that has not seen them.

    Attributes:
        model: learned from the other folds.
        values: the rows.
        labels: which of them are current's.
    """

    model: "HistGradientBoostingClassifier"
    values: npt.NDArray[np.float64]
    labels: Integers

    def auc(self, values: npt.NDArray[np.float64]) -> float:
        """Return the model's AUC on these rows, changed or not."""
        from sklearn.metrics import roc_auc_score  # noqa: PLC0415

        return float(roc_auc_score(self.labels, self.model.predict_proba(values)[:, 1]))


def _cross_validate(
    values: npt.NDArray[np.float64], labels: Integers, is_categorical: list[bool]
) -> list[_Fold]:
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415
    from sklearn.model_selection import StratifiedKFold  # noqa: PLC0415

    folds = []
    for seen, unseen in StratifiedKFold(_FOLDS, shuffle=True, random_state=0).split(values, labels):
        model = HistGradientBoostingClassifier(
            max_iter=_TREES,
            early_stopping=False,
            categorical_features=is_categorical,
            random_state=0,
        )
        model.fit(values[seen], labels[seen])
        folds.append(_Fold(model, values[unseen], labels[unseen]))
    return folds


def _telltale(names: list[str], folds: list[_Fold]) -> list[WholeTableColumn]:
    """Return the columns that give the rows away: by how much AUC falls where one is shuffled."""
    random = np.random.default_rng(0)
    falls = np.zeros(len(names))
    for fold in folds:
        whole, shuffled = fold.auc(fold.values), fold.values.copy()
        for place in range(len(names)):
            shuffled[:, place] = random.permutation(fold.values[:, place])
            falls[place] += whole - fold.auc(shuffled)
            shuffled[:, place] = fold.values[:, place]
    falls = falls.clip(0)
    shares = falls / falls.sum() if falls.any() else falls
    order = np.argsort(-shares, kind="stable")[:_NAMED]
    return [
        WholeTableColumn(column=names[place], share=float(shares[place]))
        for place in order
        if shares[place] >= _NOTABLE
    ]
