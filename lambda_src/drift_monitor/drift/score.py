"""One column's drift score, by Evidently's own functions."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from evidently.legacy.calculations.stattests import get_stattest
from evidently.legacy.core import ColumnType

from drift_monitor.drift.methods import Kind
from drift_monitor.errors import ColumnError
from drift_monitor.monitor import DriftRule

COLUMN_TYPES = {Kind.NUMERIC: ColumnType.Numerical, Kind.CATEGORICAL: ColumnType.Categorical}


@dataclass(frozen=True)
class Score:
    """What a method says of a column.

    Attributes:
        method: Evidently's name of the method.
        score: a distance, or a p-value where the method gives one.
        threshold: where drift begins.
        drifted: the method's verdict.
    """

    method: str
    score: float
    threshold: float
    drifted: bool


def score_column(reference: pd.Series, current: pd.Series, kind: Kind, rule: DriftRule) -> Score:
    """Score the drift of one column on all its values (no nulls, no infinities).

    The method, where the rule names none, is Evidently's choice by the number of reference rows,
    the kind and the number of distinct values.

    Raises:
        ColumnError: the method gives no number for these values.
    """
    column_type = COLUMN_TYPES[kind]
    test = get_stattest(reference, current, column_type, rule.method)
    np.random.seed(0)  # noqa: NPY002 - empirical_mmd permutes with the global generator, unseeded
    result = test(reference, current, column_type, rule.threshold)
    score = float(result.drift_score)
    if not math.isfinite(score):
        raise ColumnError(f"{test.name} gives no finite number for these values")
    return Score(test.name, score, float(result.actual_threshold), bool(result.drifted))
