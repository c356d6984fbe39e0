"""What a first monitor's file says, with a comment beside what was found or guessed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from glob import escape
from typing import Any

from drift_monitor.cli.first_monitor.commented_yaml import Path, commented_yaml
from drift_monitor.cli.first_monitor.guesses import Guess, Guesses
from drift_monitor.cli.first_monitor.listing import ListedTable
from drift_monitor.cli.first_monitor.windows import Rhythm
from drift_monitor.config.formats import TableFormat
from drift_monitor.tables.formats import NAMES, format_of

_DATES = {
    "hour": "%Y-%m-%d %H:00",
    "day": "%Y-%m-%d",
    "week": "%G-W%V",
    "month": "%Y-%m",
    "year": "%Y",
}


@dataclass
class Draft:
    """A monitor's file in the making.

    Attributes:
        content: what it says.
        comments: what is said beside it.
    """

    content: dict[str, Any] = field(default_factory=dict)
    comments: dict[Path, str] = field(default_factory=dict)

    def put(self, *path: str, value: object, comment: str | None = None) -> None:
        """Set a value, below keys that are made on the way."""
        part = self.content
        for key in path[:-1]:
            part = part.setdefault(key, {})
        part[path[-1]] = value
        if comment is not None:
            self.comments[path] = comment

    def put_pinned_reference(self, reference: ListedTable) -> None:
        """Set a reference with a location of its own."""
        self.put("reference", "location", value=reference.location.text, comment=_files(reference))
        self._put_format("reference", reference.table_format)

    def put_same_reference(self, current: ListedTable, window: str | None) -> None:
        """Set a reference where there is but one table: its window before, if it has windows."""
        if window is not None:
            why = "guess: the window before; the table that the model was trained on tells more"
            self.put("reference", "window", value="previous", comment=why)
            return
        why = "guess: the same table; put the one that the model was trained on here"
        self.put("reference", "location", value=current.location.text, comment=why)
        self._put_format("reference", current.table_format)

    def put_current(self, current: ListedTable, rhythm: Rhythm, timestamp: str | None) -> None:
        """Set the current table.

        Args:
            current: the table.
            rhythm: its window.
            timestamp: its column of times, if it has one.
        """
        dated = current.partitions
        location = current.location if dated is None else dated.location
        said = _files(current)
        if timestamp is not None and rhythm.window is None:
            said += f"; for its newest rows alone add window: 7d and timestamp: {timestamp}"
        self.put("current", "location", value=location.text, comment=said)
        if rhythm.window is not None:
            why = "guess: the newest data before a run; docs/windows.md has the other forms"
            self.put("current", "window", value=rhythm.window, comment=why)
            if dated is None:
                self.put("current", "timestamp", value=timestamp, comment="chooses the rows")
        if current.has_success:
            why = "a folder counts once it has a _SUCCESS, as these have"
            self.put("current", "wait_for_success", value=True, comment=why)
        self._put_format("current", current.table_format)

    def put_columns(self, guesses: Guesses) -> None:
        """Set what columns may be."""
        self._put_list("columns", "exclude", found=guesses.exclude, are_patterns=True)
        self._put_list("columns", "categorical", found=guesses.categorical, are_patterns=True)
        for role in ("prediction", "target", "timestamp"):
            one: Guess | None = getattr(guesses, role)
            if one is not None:
                self.put("columns", "roles", role, value=one.column, comment=f"guess: {one.why}")
        self._put_list("columns", "roles", "id", found=guesses.ids)

    def write(self, head: Iterable[str]) -> str:
        """Return the file's text.

        Args:
            head: the lines of the comment that it begins with.
        """
        return commented_yaml(self.content, self.comments, head)

    def _put_format(self, side: str, table_format: TableFormat) -> None:
        said = table_format.model_dump(mode="json", exclude_none=True)
        for option, value in said.items():
            self.put(side, "format", option, value=value, comment="by what the files hold")

    def _put_list(self, *path: str, found: list[Guess], are_patterns: bool = False) -> None:
        if not found:
            return
        names = [each.column for each in found]
        self.put(*path, value=[escape(name) for name in names] if are_patterns else names)
        for number, each in enumerate(found):
            self.comments[(*path, number)] = f"guess: {each.why}"


def _files(listed: ListedTable) -> str:
    """Say what lies there."""
    kind = listed.table_format.type or format_of(listed.files[-1].path) or "parquet"
    dated = listed.partitions
    if dated is None:
        count = len(listed.files)
        return f"{count:,} file{'' if count == 1 else 's'}, {NAMES[kind]}"
    first, last = (
        f"{moment:{_DATES[dated.unit]}}" for moment in (min(dated.files), max(dated.files))
    )
    count = len(dated.files)
    said = f"{count:,} {dated.unit}{'' if count == 1 else 's'}, {first} to {last}, {NAMES[kind]}"
    if dated.undated:
        said += f"; not read, without such a date: {dated.undated[0].path}"
        said += f" and {len(dated.undated) - 1:,} more" if len(dated.undated) > 1 else ""
    return said
