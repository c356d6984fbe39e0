"""YAML with comments.

Every value is written by the YAML library. It knows no comments, so these are added to its text, at
the end of the line where a key or an item begins.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import yaml

Path = tuple[str | int, ...]
"""The keys, and the numbers in lists, that lead to a part of the file."""


class _Dumper(yaml.SafeDumper):
    """Writes each value on one line, and lists below their key, indented."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - PyYAML's own signature
        super().increase_indent(flow, indentless=False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # In double quotes, line breaks of all sorts are escaped.
    style = '"' if len(text.splitlines()) > 1 or text.splitlines() != [text] else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def commented_yaml(
    content: Mapping[str, Any], comments: Mapping[Path, str], head: Iterable[str]
) -> str:
    """Write a mapping with comments.

    Args:
        content: mappings, lists, texts and numbers.
        comments: what to say beside a key or an item, by its path.
        head: the lines of a comment above it all.
    """
    text = yaml.dump(
        content,
        Dumper=_Dumper,
        default_flow_style=False,
        allow_unicode=True,
        sort_keys=False,
        width=float("inf"),
    )
    lines = text.removesuffix("\n").split("\n")
    for path, line in _lines_of(yaml.compose(text, Loader=yaml.SafeLoader), ()):
        if path in comments:
            lines[line] += f"  # {_in_comment(comments[path])}"
        if len(path) == 1 and isinstance(content[str(path[0])], dict):
            lines[line] = f"\n{lines[line]}"
    above = [f"# {_in_comment(line)}".rstrip() for line in head]
    return "\n".join([*above, "", *lines, ""] if above else [*lines, ""])


def _lines_of(node: yaml.Node | None, path: Path) -> Iterator[tuple[Path, int]]:
    """List the parts below a node, with the line where each begins."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*path, key.value), key.start_mark.line
            yield from _lines_of(value, (*path, key.value))
    if isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield (*path, number), item.start_mark.line


def _in_comment(text: str) -> str:
    """Leave nothing in a text that could end a comment's line, or that YAML refuses."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)
