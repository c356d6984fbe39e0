"""Model quality on both tables. What cannot be measured is a reason in the result, not an error."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from drift_monitor.analysis.drift.comparison import DEFAULT_MEMORY
from drift_monitor.analysis.quality.classification import from_labels, from_probabilities
from drift_monitor.analysis.quality.late_labels import join_labels
from drift_monitor.analysis.quality.measured import Measured
from drift_monitor.analysis.quality.regression import regression
from drift_monitor.analysis.quality.values import Values
from drift_monitor.config.locations import Location
from drift_monitor.config.monitor import Monitor
from drift_monitor.config.quality import Labels, QualityRules
from drift_monitor.config.spans import Span
from drift_monitor.engines.table_pair import TablePair
from drift_monitor.errors import ColumnError, DriftMonitorError
from drift_monitor.results.quality import ModelQuality, QualityMetric, RowsWithLabels
from drift_monitor.tables.table import Table, open_table
from drift_monitor.tables.window import DAY, HOUR, Window
from drift_monitor.text import count

logger = logging.getLogger(__name__)

TableName = Literal["reference", "current"]
TABLES: tuple[TableName, TableName] = ("reference", "current")

_BYTES_PER_ROW = 90
_BYTES_PER_ID = 100
"""What a row takes while it is measured, and an id while labels are joined, as was measured."""


@dataclass(frozen=True)
class _Side:
    """One of the two tables.

    Attributes:
        name: which.
        table: its rows.
        window: the time that it covers; None where it is all that lies there.
    """

    name: TableName
    table: Table
    window: Window | None


def measure_quality(
    monitor: Monitor, pair: TablePair, *, memory: int = DEFAULT_MEMORY
) -> ModelQuality | None:
    """Measure the model's quality on both tables; None where the monitor does not ask for it.

    Args:
        monitor: which columns hold predictions and labels.
        pair: the two tables.
        memory: bytes to spend: all rows of a table are measured, or none.
    """
    if monitor.model_quality is None:
        return None
    reference, current = (measure_table(monitor, pair, name, memory=memory) for name in TABLES)
    return compare_measured(monitor.model_quality, reference, current)


def measure_table(
    monitor: Monitor, pair: TablePair, name: TableName, *, memory: int = DEFAULT_MEMORY
) -> Measured:
    """Measure the model's quality on one of the tables, or say why not.

    Args:
        monitor: which columns hold predictions and labels; it must ask for it.
        pair: the two tables.
        name: which of them.
        memory: bytes to spend: all rows are measured, or none.
    """
    if name == "reference":
        side = _Side(name, pair.reference, pair.reference_window)
    else:
        side = _Side(name, pair.current, pair.window)
    try:
        return _measure(side, monitor, memory)
    except (ColumnError, DriftMonitorError) as error:
        return Measured(reasons=[str(error)])
    except Exception as error:  # as of a column that cannot be compared: the run goes on
        logger.exception("model quality could not be measured", extra={"side": side.name})
        reason = f"could not be measured ({type(error).__name__}): the log says more"
        return Measured(reasons=[reason])


def compare_measured(rules: QualityRules, reference: Measured, current: Measured) -> ModelQuality:
    """Put what was measured on both tables together."""
    return ModelQuality(
        task=rules.task,
        rows_with_labels=RowsWithLabels(reference=reference.rows, current=current.rows),
        metrics={
            name: QualityMetric(
                reference=reference.metrics.get(name), current=current.metrics.get(name)
            )
            for name in rules.metrics
            if name in reference.metrics or name in current.metrics
        },
        reasons=[
            *(f"reference: {reason}" for reason in reference.reasons),
            *(f"current: {reason}" for reason in current.reasons),
        ],
    )


def _measure(side: _Side, monitor: Monitor, memory: int) -> Measured:
    roles, rules = monitor.columns.roles, monitor.model_quality
    if rules is None:
        raise ColumnError("the monitor does not ask for it")
    _require_memory(side.table.rows * _BYTES_PER_ROW, memory)
    predictions = _values(side.table, roles.prediction)
    late = rules.labels
    if late is None:
        return _compared(rules, predictions, _values(side.table, roles.target))
    own, target = roles.target or late.target, late.target or roles.target or ""
    if side.name == "reference" and own in side.table.columns:
        return _compared(rules, predictions, _values(side.table, own))
    with _open_labels(late, side) as labels:
        _require_memory((side.table.rows + labels.rows) * _BYTES_PER_ID, memory)
        joined = join_labels(side.table, labels, roles.id, target)
    measured = _compared(rules, predictions, joined.labels)
    if joined.repeated:
        replaced = count(joined.repeated, "label has", "labels have")
        measured.reasons.append(f"{replaced} a later one of the same id, which counts")
    return measured


def _compared(rules: QualityRules, predictions: Values, labels: Values) -> Measured:
    """Measure predictions against the labels of the same rows."""
    if rules.task == "regression":
        measured = regression(predictions.numbers(), labels.numbers())
    elif rules.has_probabilities:
        positive = rules.positive_label or ""
        chances, classes = predictions.numbers(), labels.classes()
        measured = from_probabilities(chances, classes, positive, rules.threshold)
    else:
        measured = from_labels(predictions.classes(), labels.classes(), rules.positive_label)
    if not measured.rows:
        measured.reasons.append("no row has both a prediction and a label")
    return measured


def _values(table: Table, column: str | None) -> Values:
    if column is None or column not in table.columns:
        raise ColumnError(f"it has no column {column}")
    return Values(column, table.type_of(column), table.read(column))


@contextmanager
def _open_labels(labels: Labels, side: _Side) -> Iterator[Table]:
    """Open the labels that may be a table's; of a dated location, those of its window.

    Raises:
        ColumnError: there are none yet, or the location is dated and the table has no window.
        DriftMonitorError: they cannot be read.
    """
    place = Location.parse(labels.location)
    window = None
    if place.is_dated:
        if side.window is None:
            raise ColumnError(f"it has no window, and {labels.location} is read by one")
        window = _with_late_labels(side.window, labels, place)
    with open_table(labels.location, window, table_format=labels.format) as table:
        if not table.rows:
            raise ColumnError(f"there are no labels yet at {labels.location}")
        yield table


def _with_late_labels(window: Window, labels: Labels, place: Location) -> Window:
    """Return the time of the files in which a window's labels may be."""
    spans = window.spans
    if labels.delay is not None:
        span = Span.parse(labels.delay)
        late = Span(-span.count, span.unit)
        spans = tuple((start, late.before(end, window.zone)) for start, end in spans)
    step = HOUR if place.partition == "hour" else DAY
    seasons = spans if window.seasons else ()
    return Window(window.start, spans[-1][1], step, window.zone, seasons)


def _require_memory(needed: int, memory: int) -> None:
    if needed > memory:
        raise ColumnError(
            f"its rows need {needed / (1 << 20):,.0f} MB to be measured, and there are "
            f"{memory / (1 << 20):,.0f} MB: give the run more memory"
        )
