"""A monitor's file with other thresholds, its comments and order kept."""

from collections.abc import Mapping
from io import StringIO

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from drift_monitor.config.monitor import Monitor
from drift_monitor.config.patterns import pattern_for

_CRITICAL = 2.0
"""A critical threshold that a new one reaches goes to so many times of that."""


def with_thresholds(text: str, monitor: Monitor, thresholds: Mapping[str, float]) -> str:
    """Return a monitor's file with thresholds of columns.

    Each stands under the column's own name. What the pattern that named the column until then says
    is said there again, as a column follows one rule.

    Args:
        text: the file.
        monitor: what it says.
        thresholds: the new ones, by column.
    """
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 10_000
    content = yaml.load(text)
    drift = content.setdefault("drift", CommentedMap())
    rules = drift.setdefault("columns", CommentedMap())
    for column, threshold in thresholds.items():
        rule = rules.get(column)
        if rule is None:
            pattern = pattern_for(column, monitor.drift.columns)
            rule = CommentedMap(rules[pattern] if pattern is not None else {})
            rule.fa.set_flow_style()
            rules[column] = rule
        rule["threshold"] = _plain(threshold)
        critical = rule.get("critical")
        if critical is not None and critical <= threshold:
            rule["critical"] = _plain(threshold * _CRITICAL)
    written = StringIO()
    yaml.dump(content, written)
    return written.getvalue()


def _plain(number: float) -> float | int:
    return int(number) if number == int(number) else number
