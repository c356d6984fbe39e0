"""Reading a monitor's YAML file, and naming every mistake in it with its line."""

import re
import warnings
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.composer import MaxDepthExceededError
from ruamel.yaml.constructor import ConstructorError, RoundTripConstructor, SafeConstructor
from ruamel.yaml.error import MantissaNoDotYAML1_1Warning, YAMLError
from ruamel.yaml.mergevalue import MergeValue
from ruamel.yaml.nodes import Node

from drift_monitor.config.monitor import Monitor
from drift_monitor.config.transforms import check_transform
from drift_monitor.errors import DriftMonitorError

_MOST_LEVELS = 100

# Of files that begin with %YAML 1.1, where 1e3 is a number all the same: nothing to mend.
warnings.simplefilter("ignore", MantissaNoDotYAML1_1Warning)


@dataclass(frozen=True)
class Mistake:
    """One thing to mend in a file: where it is, and what is wrong. Line 0 is the file itself."""

    file: Path
    line: int
    field: str
    problem: str

    def __str__(self) -> str:
        """Show it as compilers do, so that an editor can jump there."""
        if not self.line:
            return f"{self.file} {self.problem}"
        where = f"{self.file}:{self.line}: "
        return f"{where}{self.field}: {self.problem}" if self.field else f"{where}{self.problem}"


class InvalidMonitorError(DriftMonitorError):
    """Monitors' files have mistakes; the message lists all of them, one a line."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        """Put the mistakes in the order of the files and their lines."""
        self.mistakes = sorted(mistakes, key=lambda mistake: (str(mistake.file), mistake.line))
        super().__init__("\n".join(map(str, self.mistakes)))


def load_monitor(file: Path) -> Monitor:
    """Read one monitor.

    Raises:
        InvalidMonitorError: the file cannot be read, or has mistakes.
    """
    monitor, _ = _load(file)
    return monitor


def load_monitors(folder: Path) -> list[Monitor]:
    """Read every monitor of a folder, in the order of their names.

    Raises:
        DriftMonitorError: there is none.
        InvalidMonitorError: files have mistakes, or two have one name; all are listed.
    """
    files = sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")])
    if not files:
        raise DriftMonitorError(f"{folder} has no monitor: put one YAML file per table there")
    monitors: dict[str, Monitor] = {}
    mistakes: list[Mistake] = []
    for file in files:
        try:
            monitor, content = _load(file)
        except InvalidMonitorError as invalid:
            mistakes += invalid.mistakes
            continue
        if monitor.name in monitors:
            problem = f"{monitor.name} is another monitor's name"
            mistakes.append(Mistake(file, _line_of(content, ("name",)), "name", problem))
        monitors[monitor.name] = monitor
    if mistakes:
        raise InvalidMonitorError(mistakes)
    return [monitors[name] for name in sorted(monitors)]


class _Constructor(RoundTripConstructor):
    """Plain values, in mappings and lists that know their lines.

    Attributes:
        repeated: the keys that are given once more, and where.
    """

    repeated: list[tuple[int, str]]

    def check_mapping_key(
        self,
        node: Node,  # noqa: ARG002 - ruamel.yaml's own signature
        key_node: Node,
        mapping: CommentedMap,
        key: object,
        value: object,  # noqa: ARG002
    ) -> bool:
        """Tell whether a key is new: one that is not becomes a mistake, and not the only one."""
        if key in mapping:
            self.repeated.append((key_node.start_mark.line + 1, str(key)))
        return key not in mapping

    def flatten_mapping(self, node: Node) -> MergeValue:
        """Find what `<<` merges into a mapping; what is not yet whole cannot be."""
        merged: MergeValue = super().flatten_mapping(node)
        if None in merged.value:
            raise ConstructorError(None, None, "a mapping is merged into itself", node.start_mark)
        return merged


for _kind in ("null", "bool", "int", "float", "str"):
    _construct = getattr(SafeConstructor, f"construct_yaml_{_kind}")
    _Constructor.add_constructor(f"tag:yaml.org,2002:{_kind}", _construct)
# The models read times from text, and 2013-02-30 is no reason to stop.
for _kind in ("timestamp", "value"):
    _Constructor.add_constructor(f"tag:yaml.org,2002:{_kind}", SafeConstructor.construct_yaml_str)
_Constructor.add_constructor(None, SafeConstructor.construct_undefined)


def _load(file: Path) -> tuple[Monitor, CommentedMap]:
    content, repeated = _parse(file)
    mistakes = [Mistake(file, line, key, "is given twice") for line, key in repeated]

    def mistake(path: tuple[int | str, ...], problem: str) -> Mistake:
        return Mistake(file, _line_of(content, path), ".".join(map(str, path)), problem)

    try:
        monitor = Monitor.model_validate(content)
        if monitor.transform is not None:
            check_transform(monitor.transform)
    except ValidationError as invalid:
        mistakes += [mistake(error["loc"], _problem(error)) for error in invalid.errors()]
    except DriftMonitorError as error:
        mistakes.append(mistake(("transform",), str(error)))
    if mistakes:
        raise InvalidMonitorError(mistakes)
    return monitor, content


def _parse(file: Path) -> tuple[CommentedMap, list[tuple[int, str]]]:
    """Return what a file says, and the keys that it gives twice, with their lines."""

    def invalid(problem: str, line: int = 1) -> InvalidMonitorError:
        return InvalidMonitorError([Mistake(file, line, "", problem)])

    parser = YAML(typ="safe", pure=True)
    parser.Constructor, parser.max_depth = _Constructor, _MOST_LEVELS
    parser.composer.warn_double_anchors = False
    parser.constructor.repeated = []
    try:
        content = parser.load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise invalid(f"cannot be read: {error.strerror}", line=0) from error
    except UnicodeDecodeError as error:
        raise invalid("cannot be read: it is not UTF-8 text", line=0) from error
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or " ".join(str(error).split())
        if isinstance(error, MaxDepthExceededError):
            problem = f"more than {_MOST_LEVELS} levels of mappings and lists"
        raise invalid(f"not YAML: {problem}", mark.line + 1 if mark else 1) from error
    except (ValueError, KeyError) as error:  # !!int x, !!bool x, or thousands of digits
        raise invalid(
            "not YAML: a value is not what its tag says, or has too many digits"
        ) from error
    if not isinstance(content, CommentedMap):
        raise invalid("a monitor is a mapping: name: …, and so on")
    return content, parser.constructor.repeated


def _line_of(content: CommentedMap, path: tuple[int | str, ...]) -> int:
    """Return the line, from 1, of the deepest part of a path that the file has."""
    part: object = content
    line = content.lc.line
    for step in path:
        lines = part.lc.data if isinstance(part, CommentedMap | CommentedSeq) else None
        if not lines or step not in lines:
            break
        line, part = lines[step][0], part[step]  # type: ignore[index]
    return int(line) + 1


def _problem(error: ErrorDetails) -> str:
    """Say in our words what pydantic found."""
    kind, message, path = error["type"], error["msg"], error["loc"]
    if kind in _SENTENCES:
        return _SENTENCES[kind]
    if kind == "extra_forbidden":
        return _unknown_key(path)
    if kind in ("string_pattern_mismatch", "string_type"):
        return _problem_of_text(error)
    if kind in ("literal_error", "enum"):
        # What is no text may be of any size, once its aliases are written out.
        given = error["input"] if isinstance(error["input"], str) else ""
        return message.removeprefix("Input ") + _nearest(
            given, re.findall("'([^']+)'", error["ctx"]["expected"])
        )
    for words in ("Value error, ", "Input ", "List "):
        message = message.removeprefix(words)
    return message.replace(" after validation", "")


def _problem_of_text(error: ErrorDetails) -> str:
    path = error["loc"]
    last_two = ".".join(map(str, path[-2:]))
    if last_two in _SPANS:
        return _SPANS[last_two]
    if error["type"] == "string_pattern_mismatch":
        return _PATTERNS.get(str(path[-1]), error["msg"])
    is_number = isinstance(error["input"], int | float)
    return f"should be text{': put it in quotes' if is_number else ''}"


_NO_DATE = "should be a date, such as 2026-12-01"
_SENTENCES = {
    "missing": "is missing",
    "model_type": "should be a mapping: key: value",
    "date_type": _NO_DATE,
    "date_parsing": _NO_DATE,
    "date_from_datetime_parsing": _NO_DATE,
    "date_from_datetime_inexact": _NO_DATE,
}
_PATTERNS = {
    "database": "should be lower-case letters, digits, hyphens and underscores, 255 at most",
    "workgroup": "should be letters, digits, hyphens, underscores and dots, 128 at most",
    "name": "should be lower-case letters, digits and hyphens, 48 at most",
}
_SPANS = {
    "current.window": "should be a number with h, d, w or mo: 24h, 7d, 4w, 3mo",
    "current.delay": "should be a number with h, d, w or mo: 6h, 1d",
    "labels.delay": "should be a number with h, d, w or mo: 6h, 1d",
    "reference.window": "should be previous, year_before, season, or a span such as 90d",
}


_REMOVED = {
    ("sketch",): "is no longer a key: engine: spark computes exact scores faster; leave it out",
}


def _unknown_key(path: tuple[int | str, ...]) -> str:
    if path in _REMOVED:
        return _REMOVED[path]
    known = _keys_at(Monitor, path[:-1])
    return "is not a key here" + (
        _nearest(str(path[-1]), known) or f"; known here: {', '.join(known)}"
    )


def _nearest(word: str, known: list[str]) -> str:
    near = get_close_matches(word, known, n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else ""


def _keys_at(model: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    """List the keys that the model at a path has."""
    node: Any = model
    for step in path:
        if isinstance(node, type) and issubclass(node, BaseModel):
            node = _without_none(node.model_fields[str(step)].annotation)
        else:  # dict[str, DriftRule]: any name leads to the rule
            node = _without_none(node.__args__[-1])
    return list(node.model_fields)


def _without_none(annotation: Any) -> Any:  # noqa: ANN401 - any annotation there is
    """Return the model of `Rule | None`, or of one with something said of it."""
    if get_origin(annotation) is Annotated:
        return _without_none(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return _without_none(next(arg for arg in get_args(annotation) if arg is not NoneType))
    return annotation
