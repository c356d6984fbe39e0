"""The rarer drift methods: Evidently's own functions, on one column with its rows in order."""

from collections.abc import Iterable
from threading import Lock

import numpy as np
import pandas as pd
import pyarrow as pa
from evidently.legacy.calculations.stattests import get_stattest
from evidently.legacy.core import ColumnType

from drift_monitor.analysis.columns.arrays import as_text, finite_floats
from drift_monitor.analysis.drift.p_values import tvd
from drift_monitor.config.methods import Kind, MethodName

_NUMPY_GENERATOR = Lock()
"""numpy's global generator, which empirical_mmd draws from, is one for all threads."""


def score_rows(
    method: str, kind: Kind, reference: Iterable[pa.Array], current: Iterable[pa.Array]
) -> float:
    """Score a column by a method that needs its values as they stand in the table.

    Args:
        method: Evidently's name of it.
        kind: numeric or categorical.
        reference: the column's chunks.
        current: the same of current.
    """
    before, after = _series(reference, kind), _series(current, kind)
    if method == "TVD":
        codes, _ = pd.factorize(pd.concat([before, after]))
        return tvd(codes[: len(before)], codes[len(before) :])
    column_type = ColumnType.Numerical if kind is Kind.NUMERIC else ColumnType.Categorical
    test = get_stattest(before, after, column_type, method)
    if method != MethodName.EMPIRICAL_MMD:
        return float(test(before, after, column_type, None).drift_score)
    with _NUMPY_GENERATOR:
        np.random.seed(0)  # noqa: NPY002 - Evidently does not seed it
        return float(test(before, after, column_type, None).drift_score)


def _series(chunks: Iterable[pa.Array], kind: Kind) -> pd.Series:
    if kind is Kind.NUMERIC:
        return pd.Series(np.concatenate([finite_floats(chunk) for chunk in chunks]))
    texts = [_texts(chunk).drop_null() for chunk in chunks]
    return pd.Series(pa.chunked_array(texts, pa.large_string()).to_pandas(), dtype="object")


def _texts(chunk: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(chunk.type):
        return as_text(chunk.dictionary).take(chunk.indices)
    return as_text(chunk)
