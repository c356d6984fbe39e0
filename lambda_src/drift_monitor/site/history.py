"""The history of a monitor: every run, short, in a file per calendar year of scheduled time (UTC).

In the file each column is a few lists with an item per run: compact, and what a chart wants. In
Python a run is a `RunEntry`, which has its columns with it.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Self, get_args

from pydantic import BaseModel, ConfigDict

from drift_monitor.config.drift import Severity
from drift_monitor.results.checks import FailedChecks
from drift_monitor.results.drift import Status
from drift_monitor.results.run import DriftResult, RunStatus
from drift_monitor.results.tables import WindowSummary
from drift_monitor.site.series import Series, place_of, with_cells
from drift_monitor.storage import Store


class ColumnEntry(BaseModel):
    """One column in one run."""

    model_config = ConfigDict(frozen=True)

    status: Status
    severity: Severity | None = None
    method: str | None = None
    score: float | None = None
    threshold: float | None = None


class RunSummary(BaseModel):
    """One run, without its columns."""

    model_config = ConfigDict(frozen=True)

    run_id: str
    scheduled_at: datetime
    window: WindowSummary | None = None
    status: RunStatus
    severity: Severity | None = None
    reference_rows: int
    current_rows: int
    scored_columns: int
    drifted_columns: int
    drifted_share: float
    drifted_share_threshold: float
    report_until: datetime | None = None
    """When the run's report is removed; None: it stays."""
    failed_checks: FailedChecks = FailedChecks()
    """How many checks failed; left out of the file where none did."""
    is_weighted: bool = False
    """Whether drifted_share is of the columns' importance; left out of the file where it is not."""
    drifted_roles: list[Literal["prediction", "target"]] = []
    """Which of the two drifted; left out of the file where neither did."""


class RunEntry(RunSummary):
    """One run, short."""

    columns: dict[str, ColumnEntry]

    @classmethod
    def of(cls, result: DriftResult, report_until: datetime | None = None) -> Self:
        """Shorten a result."""
        return cls(
            **result.model_dump(include=set(cls.model_fields) - {"columns"}),
            reference_rows=result.reference.rows,
            current_rows=result.current.rows,
            report_until=report_until,
            failed_checks=result.failed_checks,
            drifted_roles=result.by_role.drifted_roles if result.by_role else [],
            columns={
                column.column: ColumnEntry(
                    **column.model_dump(include=set(ColumnEntry.model_fields))
                )
                for column in result.columns
            },
        )

    @property
    def summary(self) -> RunSummary:
        """The run without its columns."""
        return RunSummary(**self.model_dump(exclude={"columns"}))


class ColumnSeries(Series):
    """One column in each run of a year."""

    status: list[Status | None]
    severity: list[Severity | None]
    method: list[str | None]
    score: list[float | None]
    threshold: list[float | None]


class HistoryYear(BaseModel):
    """The runs of one year, the oldest first, each scheduled time once."""

    version: Literal[1] = 1
    monitor: str
    year: int
    runs: list[RunSummary] = []
    columns: dict[str, ColumnSeries] = {}

    def add(self, entry: RunEntry) -> None:
        """Put a run in, in place of an earlier run of the same time."""
        place = place_of(entry.run_id, self.run_ids)
        blank = ColumnSeries.blank(len(self.runs))
        self.columns = with_cells(self.columns, blank, place, entry.columns)
        self.runs[place] = [entry.summary]

    def before(self, run_id: str, n: int) -> list[RunEntry]:
        """Return the last `n` runs before this one, the oldest first; fewer if there are."""
        end = place_of(run_id, self.run_ids).start
        return [self._entry(position) for position in range(max(0, end - n), end)]

    def run(self, run_id: str) -> RunSummary:
        """Return a run that is there, without its columns."""
        return self.runs[self.run_ids.index(run_id)]

    @property
    def run_ids(self) -> list[str]:
        """The runs' names, which are in order of time."""
        return [run.run_id for run in self.runs]

    def to_json(self) -> bytes:
        """Return the file: statuses, severities and methods by number, scores exact."""
        statuses, severities = list(Status), [None, *get_args(Severity)]
        methods = sorted({name for each in self.columns.values() for name in each.method if name})
        head = self.model_dump(mode="json", include={"version", "monitor", "year"})
        file = head | {
            "statuses": statuses,
            "severities": severities,
            "methods": methods,
            "runs": [_as_json(run) for run in self.runs],
            "columns": {
                name: {
                    "status": _numbers(series.status, statuses),
                    "severity": _numbers(series.severity, severities),
                    "method": _numbers(series.method, methods),
                    "score": series.score,
                    "threshold": series.threshold,
                }
                for name, series in self.columns.items()
            },
        }
        return json.dumps(file, separators=(",", ":"), allow_nan=False).encode()

    @classmethod
    def from_json(cls, body: bytes) -> Self:
        """Read the file."""
        file = json.loads(body)
        for series in file["columns"].values():
            series["status"] = _names(series["status"], file["statuses"])
            series["severity"] = _names(series["severity"], file["severities"])
            series["method"] = _names(series["method"], file["methods"])
        return cls.model_validate(file)

    def _entry(self, position: int) -> RunEntry:
        columns = {
            name: ColumnEntry(
                status=status,
                severity=series.severity[position],
                method=series.method[position],
                score=series.score[position],
                threshold=series.threshold[position],
            )
            for name, series in self.columns.items()
            if (status := series.status[position]) is not None
        }
        return RunEntry(**self.runs[position].model_dump(), columns=columns)


def _as_json(run: RunSummary) -> dict[str, object]:
    fields = RunSummary.model_fields
    usual = {name for name in _LEFT_OUT if getattr(run, name) == fields[name].default}
    return run.model_dump(mode="json", exclude=usual)


_LEFT_OUT = ("failed_checks", "is_weighted", "drifted_roles")
"""Of the file, where they are as usual."""


def history_key(monitor: str, year: int) -> str:
    """Return where a year of a monitor's history lies."""
    return f"monitors/{monitor}/history/{year}.json"


def years_of(store: Store, monitor: str) -> list[int]:
    """List the years that a monitor has a history of, in order."""
    prefix = f"monitors/{monitor}/history/"
    return sorted(
        int(file.key.removeprefix(prefix).removesuffix(".json")) for file in store.files(prefix)
    )


def read_year(store: Store, monitor: str, year: int) -> HistoryYear:
    """Return a year of a monitor's history; an empty one where there is none yet."""
    stored = store.read(history_key(monitor, year))
    return HistoryYear.from_json(stored.body) if stored else HistoryYear(monitor=monitor, year=year)


def recent_runs(store: Store, monitor: str, run_id: str, n: int) -> list[RunEntry]:
    """Return the last `n` runs scheduled before this one, the oldest first; fewer if there are.

    It lists the years and reads the run's own, and those before it until `n` runs are found: one
    more at most where a year has `n` runs.
    """
    found: list[RunEntry] = []
    years = [year for year in years_of(store, monitor) if year <= year_of(run_id)]
    while years and len(found) < n:
        year = read_year(store, monitor, years.pop())
        found = year.before(run_id, n - len(found)) + found
    return found


def all_run_ids(store: Store, monitor: str) -> set[str]:
    """Return the names of all runs in a monitor's history."""
    years = (read_year(store, monitor, year) for year in years_of(store, monitor))
    return {run_id for year in years for run_id in year.run_ids}


def year_of(run_id: str) -> int:
    """Return the year of a run."""
    return int(run_id[:4])


def _numbers(names: Sequence[str | None], among: Sequence[str | None]) -> list[int | None]:
    numbers = {None: None, **{name: number for number, name in enumerate(among)}}
    return [numbers[name] for name in names]


def _names(numbers: Sequence[int | None], among: Sequence[str | None]) -> list[str | None]:
    return [None if number is None else among[number] for number in numbers]
