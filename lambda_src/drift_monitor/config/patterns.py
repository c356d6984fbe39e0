"""Patterns of column names: an exact name, or a glob such as `*_delay`."""

from collections.abc import Collection
from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import Field

ColumnPattern = Annotated[str, Field(description="A column's name, or a glob such as *_delay.")]


def pattern_for(column: str, patterns: Collection[str]) -> str | None:
    """Return the pattern that counts for a column; None where none fits.

    An exact name wins over a glob, an earlier glob over a later one.
    """
    if column in patterns:
        return column
    return next((pattern for pattern in patterns if fnmatchcase(column, pattern)), None)
