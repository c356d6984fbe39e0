"""The text of a first monitor's file: YAML with comments."""

import re
import sys
from collections.abc import Callable, Iterable
from io import StringIO

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import CommentMark
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.scalarstring import DoubleQuotedScalarString
from ruamel.yaml.tokens import CommentToken

from drift_monitor.cli.first_monitor.guesses import Guess


class Draft:
    """A monitor's file in the making.

    Attributes:
        content: what it says.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self.content = CommentedMap()

    def put(self, *path: str, value: object, comment: str | None = None) -> None:
        """Set a value, below keys that are made on the way."""
        part = self._part(path)
        part[path[-1]] = _on_one_line(value)
        if comment is not None:
            part.ca.items[path[-1]] = [None, None, _beside(comment), None]

    def put_guesses(
        self, *path: str, found: Iterable[Guess], write: Callable[[str], str] = str
    ) -> None:
        """Set a list of columns, each with its reason; nothing where there is none.

        Args:
            path: the keys that lead to it.
            found: the columns.
            write: how a name is written.
        """
        names = CommentedSeq()
        for number, each in enumerate(found):
            names.append(_on_one_line(write(each.column)))
            names.ca.items[number] = [_beside(f"guess: {each.why}"), None, None, None]
        if names:
            self._part(path)[path[-1]] = names

    def _part(self, path: tuple[str, ...]) -> CommentedMap:
        part = self.content
        for key in path[:-1]:
            part = part.setdefault(key, CommentedMap())
        return part

    def write(self, head: Iterable[str]) -> str:
        """Return the file's text.

        Args:
            head: the lines of the comment that it begins with.
        """
        yaml = YAML()
        yaml.indent(sequence=4, offset=2)
        yaml.width = sys.maxsize
        # Others may read the file by YAML 1.1, where yes and 12:30 are no texts: quote them.
        yaml.Resolver = lambda version, loader: VersionedResolver((1, 1), loader)  # noqa: ARG005
        stream = StringIO()
        yaml.dump(self.content, stream)
        # A blank line before each part of the monitor that has keys of its own.
        text = re.sub(r"(?m)^(?=\w+:$)", "\n", stream.getvalue())
        above = "".join(f"{f'# {_printable(line)}'.rstrip()}\n" for line in head)
        return f"{above}\n{text}"


def _on_one_line(value: object) -> object:
    """In double quotes line breaks of all sorts are escaped."""
    if isinstance(value, str) and value.splitlines() != [value]:
        return DoubleQuotedScalarString(value)
    return value


def _beside(comment: str) -> CommentToken:
    return CommentToken(f" # {_printable(comment)}\n", CommentMark(0), None)


def _printable(text: str) -> str:
    """Leave nothing in a text that could end a comment's line, or that YAML refuses."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)
