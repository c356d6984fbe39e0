"""What a monitor's file says of slices: docs/slices.md."""

from typing import Annotated

from pydantic import AfterValidator, Field

from drift_monitor.config.model import ConfigModel

MOST_SLICES = 50


def _different(columns: list[str]) -> list[str]:
    if len(set(columns)) < len(columns):
        raise ValueError(f"{columns[0]} is named twice: name one column, or two different ones")
    return columns


class SliceRules(ConfigModel):
    """Slices of both tables, compared one by one: the rows with one value in a column or two."""

    by: Annotated[
        list[str],
        Field(min_length=1, max_length=2, examples=[["carrier"]]),
        AfterValidator(_different),
    ]
    """The columns: one, or two for each combination of their values."""
    top: Annotated[int, Field(ge=1, le=MOST_SLICES)] = 10
    """How many slices: the ones with most rows in current. The rest is one slice, `other`."""
    smallest: Annotated[int, Field(ge=1)] = 500
    """A slice with fewer rows, on either side, is listed and not compared."""
