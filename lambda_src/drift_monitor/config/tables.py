"""What a monitor's file says of its two tables: their locations, and the time they cover."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from drift_monitor.config.formats import TableFormat
from drift_monitor.config.locations import Location
from drift_monitor.config.queries import MOMENT, QueriedTable
from drift_monitor.config.spans import SPAN, Span, Unit, time_zone


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
TimeSpan = Annotated[str, StringConstraints(pattern=f"^{SPAN}$"), Field(examples=["7d"])]
ReferenceWindow = Annotated[
    str,
    StringConstraints(pattern=rf"^(previous|year_before|season|{SPAN})$"),
    Field(examples=["previous", "year_before", "season", "90d"]),
]
YEARS, AROUND = 3, "2w"
"""The years that a season is pooled of, and by how much it is wider than current's window."""


_DAYS_OF_A_SEASON = 183


class ReferenceTable(QueriedTable):
    """The table that the model was trained on, or current's table at another time."""

    location: LocationText | None = None
    """Where the pinned table lies: an s3:// URI or a path; a file, a folder of files, or a glob."""
    window: ReferenceWindow | None = None
    """In place of a location: the time of current's table to compare with. previous: as long as
    current's window and just before it; year_before: the same window a year before; season: that
    of several years, a little wider; or a span such as 90d that ends where current's window begins:
    docs/windows.md."""
    years: Annotated[int, Field(ge=1, le=20, exclude_if=lambda years: years is None)] | None = None
    """Of window: season, how many years before are pooled. Default: 3."""
    around: Annotated[TimeSpan, Field(exclude_if=lambda around: around is None)] | None = None
    """Of window: season, by how much it is wider than current's window, on both sides. Default: 2w.
    """
    format: TableFormat = TableFormat()
    """What the files look like, where that cannot be seen from them: docs/tables.md."""
    wait_for_success: bool = False
    """Whether a folder counts only once its writer has put a file `_SUCCESS` into it."""
    cache: bool = False
    """Whether what is read of a pinned reference is kept beside it, so that the next run reads only
    the current table: docs/reference-cache.md."""

    @model_validator(mode="after")
    def _is_pinned_or_a_window(self) -> Self:
        if [self.location, self.window, self.sql].count(None) != 2:  # noqa: PLR2004 - of the three
            raise ValueError(
                "give a location, or a window of current's table, such as previous, or sql"
            )
        if self.sql is not None and MOMENT.search(self.sql):
            raise ValueError(
                "a reference's sql takes no {start} and {end}: for current's query at another time "
                "write window: previous, year_before or a span such as 90d"
            )
        if self.location is not None and Location.parse(self.location).is_dated:
            raise ValueError(
                "a reference's location takes no {date:…}: for current's table at another time "
                "write window: previous, year_before or a span such as 90d"
            )
        if self.window != "season" and (self.years, self.around) != (None, None):
            raise ValueError("years and around are for window: season: leave them out")
        if self.window is not None and (self.format != TableFormat() or self.wait_for_success):
            raise ValueError(
                "with a window the files are current's: say their format and wait_for_success there"
            )
        _require_source(self)
        if self.location is None and self.cache:
            raise ValueError("only a reference with a location has a cache: leave cache out")
        return self

    def require_fit(self, current: "CurrentTable") -> None:
        """Check that current's table can be read for this reference's window.

        Raises:
            ValueError: current has no window, or this one is none of whole partitions, or overlaps.
        """
        if self.window is None:
            return
        if current.window is None:
            raise ValueError(
                f"the reference's window ({self.window}) is counted from current's: give current "
                "a window, too, such as window: 7d"
            )
        if self.window == "year_before" and current.span_of(current.window).is_longer_than_a_year:
            raise ValueError(
                f"a window of {current.window} is longer than a year, and overlaps with the one a "
                "year before: give current a shorter one"
            )
        if self.window == "season":
            self._require_season(current, current.window)
        elif self.window not in ("previous", "year_before"):
            current.span_of(self.window)

    def _require_season(self, current: "CurrentTable", window: str) -> None:
        if current.sql is not None:
            raise ValueError(
                "a season is of several years, and a query has one {start} and {end}: write "
                "window: year_before"
            )
        around = current.span_of(self.around or AROUND)
        if (current.span_of(window).days + 2 * around.days) > _DAYS_OF_A_SEASON:
            raise ValueError(
                f"a season of {window} and {self.around or AROUND} around is longer than half a "
                "year: give current a shorter window, or the season less around"
            )


class CurrentTable(QueriedTable):
    """The table that the model sees now.

    With a window it is a span of time before the scheduled time: of dated files or folders
    (`{date:…}` in the location), of rows by their timestamp, or of both.
    """

    location: LocationText | None = None
    """Where the table lies: an s3:// URI or a path; a file, a folder of files, or a glob. With
    {date:…} there is a file or a folder per hour, day, week, month or year."""
    window: TimeSpan | None = None
    """How much time to read before the scheduled time: hours, days, weeks or months: 24h, 7d, 4w,
    3mo."""
    delay: TimeSpan | None = None
    """How long data may be late: the window ends so long before the scheduled time."""
    timezone: Annotated[str, AfterValidator(time_zone)] | None = None
    """The time zone (IANA) of dates in paths and of times without a zone. Default: UTC."""
    timestamp: str | None = None
    """The column of times by which the window's rows are chosen."""
    format: TableFormat = TableFormat()
    """What the files look like, where that cannot be seen from them: docs/tables.md."""
    wait_for_success: bool = False
    """Whether a folder counts only once its writer has put a file `_SUCCESS` into it."""

    @property
    def partition(self) -> Unit | None:
        """How much time one dated file or folder covers; None where there is no date."""
        place = Location.parse(self.location) if self.location is not None else None
        return place.partition if place is not None and place.is_dated else None

    def span_of(self, window: str) -> Span:
        """Return a span of this table; in whole partitions where they decide what is read.

        Raises:
            ValueError: it is none.
        """
        span, unit = Span.parse(window), self.partition
        if unit is None or self.timestamp is not None:
            return span
        whole = span.in_whole(unit)
        if whole is None:
            raise ValueError(
                f"a window of {window} is no whole number of {unit}s, and one {{date:…}} covers "
                f"a {unit}: choose another, or name the column of times by timestamp"
            )
        return whole

    def ends_with(self, span: Span) -> Unit:
        """Return what a window ends with a whole one of: a partition, or an hour or a day."""
        if self.partition is not None and self.timestamp is None:
            return self.partition
        return "hour" if span.unit == "hour" else "day"

    @model_validator(mode="after")
    def _window_fits_source(self) -> Self:
        if (self.location is None) == (self.sql is None):
            raise ValueError("give a location, or a query as sql")
        _require_source(self)
        moments = {name for name, _ in MOMENT.findall(self.sql or "")}
        if self.window is None:
            if self.partition is not None:
                raise ValueError("a location with {date:…} needs a window, such as window: 7d")
            if moments:
                raise ValueError("sql with {start} and {end} needs a window, such as window: 7d")
            given = [name for name in ("delay", "timezone", "timestamp") if getattr(self, name)]
            if given:
                raise ValueError(f"{', '.join(given)}: only with a window, such as window: 7d")
            return self
        if self.sql is not None and self.timestamp is None and moments != {"start", "end"}:
            raise ValueError("sql with a window needs both {start} and {end} in it")
        if self.sql is None and self.partition is None and self.timestamp is None:
            raise ValueError(
                "a window needs {date:…} in the location, such as {date:%Y-%m-%d}, or the name "
                "of a column of times as timestamp"
            )
        self.span_of(self.window)
        return self


def _require_source(table: ReferenceTable | CurrentTable) -> None:
    """Check that the table's source allows its format.

    Raises:
        ValueError: it cannot; the message says what to leave out.
    """
    if table.sql is not None and (table.format != TableFormat() or table.wait_for_success):
        raise ValueError("Athena writes what sql returns: leave out format and wait_for_success")
    if table.location is None or not table.format.is_lake:
        return
    kind, place = table.format.type, Location.parse(table.location)
    if place.is_glob or place.is_dated:
        raise ValueError(
            f"a table of type {kind} is one folder, without wildcard and {{date:…}}: for a window "
            "name its column of times as timestamp"
        )
    if table.wait_for_success:
        raise ValueError(f"of type {kind} nothing is read half: leave out wait_for_success")


def places_of(table: ReferenceTable | CurrentTable) -> dict[str, str]:
    """Return the places that a table is read from, by the field that says so."""
    places = {}
    if table.location is not None:
        # An Iceberg table's metadata says what it is made of: the files beside it.
        is_metadata = table.format.type == "iceberg" and ".metadata.json" in table.location
        folder, _, _ = table.location.rpartition("/metadata/")
        places["location"] = f"{folder}/" if is_metadata and folder else table.location
    if table.output is not None:
        places["output"] = table.output
    for number, place in enumerate(table.reads or []):
        places[f"reads.{number}"] = place
    return places
