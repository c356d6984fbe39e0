"""What a monitor's file says of its two tables: where they lie, and which time they cover."""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, field_validator, model_validator

from drift_monitor.config_model import ConfigModel
from drift_monitor.location import Location
from drift_monitor.table_format import TableFormat

_WINDOW_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


def _location(text: str) -> str:
    Location.parse(text)
    return text


LocationText = Annotated[
    str,
    AfterValidator(_location),
    Field(
        description="An s3:// URI or a path relative to the working folder: a file, a "
        "folder of files, or a glob: Parquet, CSV, JSON Lines, Arrow or Avro.",
        examples=["s3://bucket/table/reference.parquet"],
    ),
]


class ReferenceTable(ConfigModel):
    """The table that the model was trained on."""

    location: LocationText
    format: TableFormat = TableFormat()
    """What the files look like, where that cannot be seen from them: docs/tables.md."""
    wait_for_success: bool = False
    """Whether a folder counts only once its writer has put a file `_SUCCESS` into it."""

    @field_validator("location")
    @classmethod
    def _is_pinned(cls, text: str) -> str:
        if Location.parse(text).is_dated:
            raise ValueError("the reference is pinned: its location takes no {date:…}")
        return text


class CurrentTable(ConfigModel):
    """The table that the model sees now.

    With `{date:…}` in the location there is a file or a folder per day or hour, and the window says
    how far back from the scheduled time to read.
    """

    location: LocationText
    window: (
        Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,3}[hdw]$"), Field(examples=["7d"])]
        | None
    ) = None
    """How much time to read before the scheduled time: hours, days or weeks: 24h, 7d, 4w."""
    format: TableFormat = TableFormat()
    """What the files look like, where that cannot be seen from them: docs/tables.md."""
    wait_for_success: bool = False
    """Whether a folder counts only once its writer has put a file `_SUCCESS` into it."""

    @property
    def span(self) -> timedelta | None:
        """The window as a duration."""
        if self.window is None:
            return None
        return timedelta(**{_WINDOW_UNITS[self.window[-1]]: int(self.window[:-1])})

    @model_validator(mode="after")
    def _window_fits_location(self) -> Self:
        location = Location.parse(self.location)
        if location.is_dated and self.span is None:
            raise ValueError("a location with {date:…} needs a window, such as window: 7d")
        if self.span is not None:
            if not location.is_dated:
                raise ValueError("a window needs {date:…} in the location, such as {date:%Y-%m-%d}")
            if self.span < location.partition:
                raise ValueError(f"a window of {self.window} is shorter than one {{date:…}} covers")
        return self
