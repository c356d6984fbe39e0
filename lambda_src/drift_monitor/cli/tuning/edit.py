"""A monitor's file with other thresholds: no line changes but those that say them."""

from collections.abc import Mapping
from difflib import SequenceMatcher
from io import StringIO

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError
from ruamel.yaml.util import load_yaml_guess_indent

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
    yaml = _layout_of(text)
    before, content = _dumped(yaml, yaml.load(text)), yaml.load(text)
    rules = _own(_own(content, "drift"), "columns")
    for column, threshold in thresholds.items():
        if column not in rules:
            pattern = pattern_for(column, monitor.drift.columns)
            rules[column] = CommentedMap(rules[pattern] if pattern is not None else {})
            rules[column].fa.set_flow_style()
        rule = _own(rules, column)
        rule["threshold"] = _plain(threshold)
        critical = rule.get("critical")
        if critical is not None and critical <= threshold:
            rule["critical"] = _plain(threshold * _CRITICAL)
    return _in_layout(text, before, _dumped(yaml, content))


def _own(parent: CommentedMap, key: str) -> CommentedMap:
    """Return a mapping below another, made if it is not there; its own, where it is shared."""
    found: CommentedMap = parent.get(key, CommentedMap())
    if found.yaml_anchor() is not None:  # others say the same by *NAME, and are to say it still
        found = CommentedMap(found)
        found.fa.set_flow_style()
    if parent.get(key) is not found:
        parent[key] = found
    return found


def _layout_of(text: str) -> YAML:
    """Return what writes YAML in the layout of a file, as far as that can be told."""
    _, indent, offset = load_yaml_guess_indent(text)
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 10_000
    yaml.explicit_start = text.startswith("---")
    yaml.indent(mapping=_mapping_indent(text), sequence=indent, offset=offset)
    return yaml


def _mapping_indent(text: str) -> int:
    """Return by how many blanks the first line that is indented is."""
    lines = (line for line in text.splitlines() if line.strip() and line.strip()[0] not in "#-")
    return next((width for line in lines if (width := len(line) - len(line.lstrip(" ")))), 2)


def _dumped(yaml: YAML, content: CommentedMap) -> str:
    written = StringIO()
    yaml.dump(content, written)
    return written.getvalue()


def _in_layout(text: str, before: str, after: str) -> str:
    """Return a file with the lines that differ between two texts, the first of which says the same.

    Where its lines are not those of the file, or the file then said something else, it is the
    second text.
    """
    end = "\r\n" if "\r\n" in text else "\n"
    lines, old, new = text.splitlines(), before.splitlines(), after.splitlines()
    if len(lines) != len(old):
        return after.replace("\n", end)
    kept: list[str] = []
    for _, start, stop, new_start, new_stop in SequenceMatcher(
        a=old, b=new, autojunk=False
    ).get_opcodes():
        is_same = old[start:stop] == new[new_start:new_stop]
        kept += lines[start:stop] if is_same else new[new_start:new_stop]
    patched = "".join(f"{line}{end}" for line in kept)
    return patched if _says(patched) == _says(after) else after.replace("\n", end)


def _says(text: str) -> object:
    try:
        return YAML(typ="safe", pure=True).load(text)
    except YAMLError:
        return None


def _plain(number: float) -> float | int:
    return int(number) if number == int(number) else number
