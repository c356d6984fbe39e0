"""Evidently's report of a comparison, with the comparison's own scores in it.

Evidently neither chooses nor computes a test here: its public registry gives it, for each method,
a function that looks the column's score up. Its plots are drawn from a sample.
"""

import logging
import re
from types import SimpleNamespace

import pandas as pd
from evidently import DataDefinition, Dataset
from evidently import Report as EvidentlyReport
from evidently.core.container import MetricOrContainer
from evidently.core.report import Context, Snapshot
from evidently.legacy.calculations.stattests import StatTest, register_stattest
from evidently.legacy.core import ColumnType
from evidently.legacy.metrics.data_drift.data_drift_table import DataDriftTable
from evidently.legacy.metrics.data_drift.dataset_drift_metric import (
    DataDriftMetricsRenderer,
    DatasetDriftMetricResults,
)
from evidently.legacy.model.widget import BaseWidgetInfo
from evidently.presets import DataDriftPreset

from drift_monitor.analysis.drift.comparison import Comparison
from drift_monitor.config.methods import METHODS, Kind
from drift_monitor.results.drift import ColumnDrift, OtherScore, Status
from drift_monitor.site.pages.plot_data import frames
from drift_monitor.site.pages.report import Report

logger = logging.getLogger(__name__)


def render_report(comparison: Comparison, drifted_share: float) -> Report:
    """Render the scored columns. A column that Evidently cannot draw costs only its own panel.

    Args:
        comparison: the tables compared.
        drifted_share: the share of drifted columns from which the table has drifted.
    """
    scored = [column for column in comparison.columns if column.is_scored]
    drawn = scored
    try:
        html = _html(scored, comparison, drifted_share)
    except Exception:  # any of its many parts may fail on one column's values: find out which
        logger.exception("Evidently could not draw the report; trying each column alone")
        drawn = [column for column in scored if _can_be_drawn(column, comparison)]
        html = _html(drawn, comparison, drifted_share)
    undrawn = [column.column for column in scored if column not in drawn]
    return Report(html, undrawn, comparison.sampled_rows)


def _can_be_drawn(column: ColumnDrift, comparison: Comparison) -> bool:
    try:
        _html([column], comparison, drifted_share=1)
    except Exception:
        logger.exception("Evidently could not draw a column", extra={"column": column.column})
        return False
    return True


def _html(columns: list[ColumnDrift], comparison: Comparison, drifted_share: float) -> str:
    if not columns:
        return ""
    snapshot = snapshot_of(columns, comparison, drifted_share)
    return _with_escaped_data(snapshot.get_html_str(as_iframe=False))


class _DriftPage(DataDriftPreset):  # type: ignore[misc]
    """Evidently's drift preset, for its page alone.

    The preset computes each column's drift three times: as a metric of its own, for the JSON; for
    the counts at the top; and for the table. The page has the same bytes when it is done once.
    """

    def generate_metrics(self, context: Context) -> list[MetricOrContainer]:
        """Compute nothing beside the page."""
        del context
        return []

    def render(self, context: Context, child_widgets: object = None) -> list[BaseWidgetInfo]:
        """Draw the counts and the table from one computation."""
        del child_widgets
        drift = DataDriftTable(
            columns=self.columns,
            per_column_stattest=self.per_column_method,
            per_column_stattest_threshold=self.per_column_threshold,
        )
        found, table = context.get_legacy_metric(drift, None, None)
        counts = DatasetDriftMetricResults(
            drift_share=self.drift_share,
            number_of_columns=found.number_of_columns,
            number_of_drifted_columns=found.number_of_drifted_columns,
            share_of_drifted_columns=found.share_of_drifted_columns,
            dataset_drift=found.share_of_drifted_columns >= self.drift_share,
        )
        counted = SimpleNamespace(get_result=lambda: counts)
        return [*DataDriftMetricsRenderer().render_html(counted), *table]


def snapshot_of(
    columns: list[ColumnDrift], comparison: Comparison, drifted_share: float
) -> Snapshot:
    """Run Evidently's drift preset over the samples, with the scores that the columns have."""
    names = [column.column for column in columns]
    categorical = [column.column for column in columns if column.kind is Kind.CATEGORICAL]
    definition = DataDefinition(
        numerical_columns=[name for name in names if name not in categorical],
        categorical_columns=categorical,
    )
    preset = _DriftPage(
        columns=names,
        drift_share=drifted_share,
        per_column_method=_register_lookups(columns),
        per_column_threshold={column.column: _threshold(column) for column in columns},
    )
    reference, current = frames(columns, comparison)
    return EvidentlyReport([preset]).run(
        Dataset.from_pandas(current, definition), Dataset.from_pandas(reference, definition)
    )


def _register_lookups(columns: list[ColumnDrift]) -> dict[str, str]:
    """Register a look-up for each method in use; return its name by column."""
    by_name = {column.column: column for column in columns}

    def look_up(
        reference: pd.Series, _current: pd.Series, _type: ColumnType, _threshold: float
    ) -> tuple[float, bool]:
        column = by_name[str(reference.name)]
        return _shown(column).score, column.status is Status.DRIFTED

    for method in {_shown(column).method for column in columns}:
        test = StatTest(
            name=_looked_up(method),
            display_name=METHODS[method].title,
            allowed_feature_types=[ColumnType.Numerical, ColumnType.Categorical],
            default_threshold=METHODS[method].threshold,
        )
        register_stattest(test, look_up)
    return {column.column: _looked_up(_shown(column).method) for column in columns}


def _threshold(column: ColumnDrift) -> float | None:
    """Return the threshold of the score that Evidently's page shows."""
    shown = column.evidently
    return column.threshold if shown is None else METHODS[shown.method].threshold


def _shown(column: ColumnDrift) -> OtherScore:
    """Return what Evidently's page shows: its own score, also where another one is judged."""
    if column.evidently is not None:
        return column.evidently
    return OtherScore(method=column.method or "", score=column.score or 0.0)


def _looked_up(method: str) -> str:
    return f"{method} (all rows)"


def _with_escaped_data(html: str) -> str:
    r"""Escape the data that Evidently inlines as JavaScript.

    A column or a category named `</script><script>…` would otherwise run. Inside JSON a `<` stands
    only in strings, where \u003c means the same. The data ends where the element with the
    dashboard's random id begins, so no data can fake that end.
    """
    start = re.search(r"<script>\s*var (metric_\w+) = ", html)
    if start is None:
        raise RuntimeError("Evidently's page is laid out in a new way: its data was not found")
    end = html.index(f'<div id="root_{start[1]}">')
    data, closing, rest = html[start.end() : end].rpartition("</script>")
    return html[: start.end()] + data.replace("<", r"\u003c") + closing + rest + html[end:]
