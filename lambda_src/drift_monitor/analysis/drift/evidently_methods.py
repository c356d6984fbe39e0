"""The rarer drift methods: Evidently's own functions, on one column with its rows in order."""

from collections.abc import Iterable
from threading import Lock

import numpy as np
import pandas as pd
import pyarrow as pa
from evidently.legacy.calculations.stattests import get_stattest
from evidently.legacy.core import ColumnType
from scipy import stats

from drift_monitor.analysis.columns.arrays import as_text, finite_floats
from drift_monitor.analysis.drift.p_values import tvd
from drift_monitor.config.methods import Kind, MethodName
from drift_monitor.errors import ColumnError

_NUMPY_GENERATOR = Lock()
"""numpy's global generator, which empirical_mmd draws from, is one for all threads."""

_FEWEST = {MethodName.CRAMER_VON_MISES: 2, MethodName.EMPIRICAL_MMD: 2, MethodName.ES: 5}
"""Values that a method needs in each table, where one is not enough."""
_FEWEST_OF_ANDERSON = 4
"""Values that anderson needs in both tables together."""


def score_rows(
    method: str, kind: Kind, reference: Iterable[pa.Array], current: Iterable[pa.Array]
) -> float:
    """Score a column by a method that needs its values as they stand in the table.

    Args:
        method: Evidently's name of it.
        kind: numeric or categorical.
        reference: the column's chunks.
        current: the same of current.

    Raises:
        ColumnError: the method has no number for these values.
    """
    before, after = _series(reference, kind), _series(current, kind)
    _require_enough(method, before, after)
    if method == "TVD":
        codes, _ = pd.factorize(pd.concat([before, after]))
        return tvd(codes[: len(before)], codes[len(before) :])
    column_type = ColumnType.Numerical if kind is Kind.NUMERIC else ColumnType.Categorical
    test = get_stattest(before, after, column_type, method)
    if method == MethodName.EMPIRICAL_MMD:
        with _NUMPY_GENERATOR:
            np.random.seed(0)  # noqa: NPY002 - Evidently does not seed it
            return float(test(before, after, column_type, None).drift_score)
    try:
        return float(test(before, after, column_type, None).drift_score)
    except TypeError as error:
        if method != MethodName.CRAMER_VON_MISES:
            raise
        # Evidently counts in integers that are too small for some tables of up to 20 values.
        raise ColumnError(
            f"{method} gives no number for these {len(before)} and {len(after)} values: "
            "it does where one table holds more than 20"
        ) from error


def _require_enough(method: str, before: pd.Series, after: pd.Series) -> None:
    fewest, fewer = _FEWEST.get(MethodName(method), 1), min(len(before), len(after))
    why = None
    if fewer < fewest:
        why = f"{fewest} values in each table, and one holds {fewer}"
    elif method == MethodName.ES and stats.iqr(np.concatenate([before, after])) == 0:
        why = "an interquartile range, and that of both tables together is 0"
    elif method == MethodName.ANDERSON and len(before) + len(after) < _FEWEST_OF_ANDERSON:
        why = f"{_FEWEST_OF_ANDERSON} values, and both tables hold {len(before) + len(after)}"
    elif method == MethodName.ANDERSON and np.ptp(np.concatenate([before, after])) == 0:
        why = "two values, and both tables hold only one and the same"
    if why is not None:
        raise ColumnError(f"{method} needs {why}")


def _series(chunks: Iterable[pa.Array], kind: Kind) -> pd.Series:
    if kind is Kind.NUMERIC:
        return pd.Series(np.concatenate([finite_floats(chunk) for chunk in chunks]))
    texts = [_texts(chunk).drop_null() for chunk in chunks]
    return pd.Series(pa.chunked_array(texts, pa.large_string()).to_pandas(), dtype="object")


def _texts(chunk: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(chunk.type):
        return as_text(chunk.dictionary).take(chunk.indices)
    return as_text(chunk)
