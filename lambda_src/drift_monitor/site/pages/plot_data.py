"""The sampled rows, as the pandas tables that Evidently draws its plots from."""

import numpy as np
import pandas as pd
import pyarrow as pa

from drift_monitor.analysis.columns.arrays import as_floats, as_text
from drift_monitor.analysis.columns.profile import SMALLEST_GROUP
from drift_monitor.analysis.drift.comparison import Comparison
from drift_monitor.config.methods import Kind
from drift_monitor.results.drift import ColumnDrift

SHOWN_CATEGORIES = 50
OTHERS = "(other categories)"
"""Stands for rarer categories: a plot of thousands shows nothing, and could name a person."""


def frames(columns: list[ColumnDrift], comparison: Comparison) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the sampled rows of these columns, of reference and of current."""
    reference, current = {}, {}
    for column in columns:
        samples = comparison.samples[column.column]
        as_series = _categories if column.kind is Kind.CATEGORICAL else _numbers
        before, after = as_series(samples.reference), as_series(samples.current)
        if column.kind is Kind.CATEGORICAL:
            before, after = _with_others(before, after)
        reference[column.column], current[column.column] = before, after
    return pd.DataFrame(reference), pd.DataFrame(current)


def _numbers(chunks: list[pa.Array]) -> pd.Series:
    values = [_with_gaps(chunk) for chunk in chunks]
    return pd.Series(np.concatenate([np.array([]), *values]))


def _with_gaps(chunk: pa.Array) -> np.ndarray:
    """Return a chunk as floats, NaN for what does not count."""
    values = np.full(len(chunk), np.nan)
    is_valid = chunk.is_valid().to_numpy(zero_copy_only=False)
    values[is_valid] = as_floats(chunk.drop_null())
    values[np.isinf(values)] = np.nan
    return values


def _categories(chunks: list[pa.Array]) -> pd.Series:
    texts = [as_text(chunk) for chunk in chunks]
    return pd.Series(pa.chunked_array(texts, pa.large_string()).to_pandas(), dtype="object")


def _with_others(before: pd.Series, after: pd.Series) -> tuple[pd.Series, pd.Series]:
    counts = pd.concat([before.value_counts(), after.value_counts()]).groupby(level=0).max()
    shown = counts[counts >= SMALLEST_GROUP].sort_values(ascending=False, kind="stable")
    frequent = shown.index[:SHOWN_CATEGORIES]

    def lumped(side: pd.Series) -> pd.Series:
        return side.where(side.isin(frequent) | side.isna(), OTHERS)

    return lumped(before), lumped(after)
