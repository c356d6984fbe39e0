"""Reading a monitor's YAML file, and naming every mistake in it with its line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from drift_monitor.config.monitor import Monitor
from drift_monitor.config.transforms import check_transform
from drift_monitor.errors import DriftMonitorError


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
            monitor, root = _load(file)
        except InvalidMonitorError as invalid:
            mistakes += invalid.mistakes
            continue
        if monitor.name in monitors:
            problem = f"{monitor.name} is another monitor's name"
            mistakes.append(Mistake(file, _line_of(root, ("name",)), "name", problem))
        monitors[monitor.name] = monitor
    if mistakes:
        raise InvalidMonitorError(mistakes)
    return [monitors[name] for name in sorted(monitors)]


class _Loader(yaml.SafeLoader):
    """YAML's safe types but for dates: a monitor has none, and 2013-02-30 is no reason to stop."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _load(file: Path) -> tuple[Monitor, yaml.MappingNode]:
    root, content = _parse(file)
    mistakes = [
        Mistake(file, key.start_mark.line + 1, str(key.value), "is given twice")
        for key in _repeated_keys(root)
    ]
    try:
        monitor = Monitor.model_validate(content)
    except ValidationError as invalid:
        mistakes += [_mistake(file, root, error) for error in invalid.errors()]
    else:
        mistakes += _mistakes_of_transform(file, root, monitor)
    if mistakes:
        raise InvalidMonitorError(mistakes)
    return monitor, root


def _mistakes_of_transform(file: Path, root: yaml.Node, monitor: Monitor) -> Iterator[Mistake]:
    try:
        if monitor.transform is not None:
            check_transform(monitor.transform)
    except DriftMonitorError as error:
        yield Mistake(file, _line_of(root, ("transform",)), "transform", str(error))


def _parse(file: Path) -> tuple[yaml.MappingNode, object]:
    """Return a file's nodes, which know their lines, and what they say."""

    def invalid(problem: str, line: int = 1) -> InvalidMonitorError:
        return InvalidMonitorError([Mistake(file, line, "", problem)])

    try:
        loader = _Loader(file.read_text(encoding="utf-8"))
        root = loader.get_single_node()
        if not isinstance(root, yaml.MappingNode):
            raise invalid("a monitor is a mapping: name: …, and so on")
        return root, loader.construct_document(root)
    except OSError as error:
        raise invalid(f"cannot be read: {error.strerror}", line=0) from error
    except UnicodeDecodeError as error:
        raise invalid("cannot be read: it is not UTF-8 text", line=0) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise invalid(f"not YAML: {error.problem}", line) from error
    except yaml.YAMLError as error:
        raise invalid(f"not YAML: {' '.join(str(error).split())}") from error


def _mistake(file: Path, root: yaml.Node, error: ErrorDetails) -> Mistake:
    path = error["loc"]
    return Mistake(file, _line_of(root, path), ".".join(map(str, path)), _problem(error))


def _repeated_keys(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _repeated_keys(item)
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield key
            seen.add(key.value)
            yield from _repeated_keys(value)


def _line_of(root: yaml.Node, path: tuple[int | str, ...]) -> int:
    """Return the line, from 1, of the deepest part of a path that the file has."""
    node, line = root, root.start_mark.line + 1
    for step in path:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == str(step)]
            if not found:
                break
            line, node = found[0][0].start_mark.line + 1, found[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            break
    return line


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
        return message.removeprefix("Input ") + _nearest(
            str(error["input"]), re.findall("'([^']+)'", error["ctx"]["expected"])
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


_SENTENCES = {"missing": "is missing", "model_type": "should be a mapping: key: value"}
_PATTERNS = {
    "database": "should be lower-case letters, digits, hyphens and underscores, 255 at most",
    "workgroup": "should be letters, digits, hyphens, underscores and dots, 128 at most",
    "name": "should be lower-case letters, digits and hyphens, 48 at most",
}
_SPANS = {
    "current.window": "should be a number with h, d, w or mo: 24h, 7d, 4w, 3mo",
    "current.delay": "should be a number with h, d, w or mo: 6h, 1d",
    "labels.delay": "should be a number with h, d, w or mo: 6h, 1d",
    "reference.window": "should be previous, year_before, or a span such as 90d",
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
