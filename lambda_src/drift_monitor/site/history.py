"""The history of a monitor: every run, short, in a file per calendar year of scheduled time (UTC).

In the file each column is a few lists with an item per run: compact, and what a chart wants. Beside
the numbers stands what the pages say of them, so that no script decides or words it a second time.
In Python a run is a `RunEntry`, which has its columns with it.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePosixPath
from typing import Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict

from drift_monitor.config.drift import Severity
from drift_monitor.config.methods import METHODS
from drift_monitor.results.checks import FailedChecks
from drift_monitor.results.drift import Status
from drift_monitor.results.run import DriftResult, RunStatus
from drift_monitor.results.severity import excess, ratio
from drift_monitor.results.tables import WindowSummary
from drift_monitor.results.words import window_words
from drift_monitor.site.layout import MonitorFiles
from drift_monitor.site.series import Series, place_of, with_cells
from drift_monitor.site.store import update
from drift_monitor.storage import Files
from drift_monitor.text import count, percent

_FURTHEST = 1000
"""Times its threshold: beyond, a score is as far out as the pages tell apart."""

_VERDICT_WORDS: dict[RunStatus, str] = {
    "ok": "no drift",
    "drifted": "drift",
    "error": "not scored",
    "no_data": "no data",
}


class ColumnEntry(BaseModel):
    """One column in one run."""

    model_config = ConfigDict(frozen=True)

    status: Status
    severity: Severity | None = None
    method: str | None = None
    score: float | None = None
    threshold: float | None = None


class HistoryRun(BaseModel):
    """One run, without its columns."""

    model_config = ConfigDict(frozen=True)

    run_id: str
    scheduled_at: datetime
    window: WindowSummary | None = None
    status: RunStatus
    severity: Severity | None = None
    reference_rows: int
    current_rows: int
    broken_columns: int = 0
    """Left out of the file where it is 0."""
    scored_columns: int
    drifted_columns: int
    drifted_share: float
    drifted_share_threshold: float | None = None
    """None where one drifted column is enough."""
    report_until: datetime | None = None
    """When the run's report is removed; None: it stays."""
    failed_checks: FailedChecks = FailedChecks()
    """How many checks failed; left out of the file where none did."""
    auc: float | None = None
    """How well rows are told by all columns together; left out of the file where not asked for."""
    auc_noise: float | None = None
    """What chance alone gives; left out of the file with it."""
    is_weighted: bool = False
    """Whether drifted_share is of the columns' importance; left out of the file where it is not."""
    drifted_roles: list[Literal["prediction", "target"]] = []
    """Which of the two drifted; left out of the file where neither did."""
    muted_columns: int = 0
    """How many drifted and are muted; left out of the file where none is."""

    @property
    def name(self) -> str:
        """The run's window in words; its time where it has none."""
        if self.window is None:
            return f"{self.scheduled_at:%-d %b %Y %H:%M} UTC"
        return window_words(self.window)

    @property
    def verdict(self) -> str:
        """What is broken or failed, what became of the table, and how many columns are muted."""
        drift = "critical drift" if self.severity == "critical" else _VERDICT_WORDS[self.status]
        if self.muted_columns:
            drift += f", {self.muted_columns} muted"
        if self.broken_columns:
            return f"{count(self.broken_columns, 'column')} broken, {drift}"
        return self.failed_checks.before(drift)


class RunEntry(HistoryRun):
    """One run, short."""

    columns: dict[str, ColumnEntry]

    @classmethod
    def of(cls, result: DriftResult, report_until: datetime | None = None) -> Self:
        """Return the short form of a result."""
        return cls(
            **result.model_dump(include=set(cls.model_fields) - {"columns"}),
            reference_rows=result.reference.rows,
            current_rows=result.current.rows,
            report_until=report_until,
            failed_checks=result.failed_checks,
            auc=result.whole_table.auc if result.whole_table else None,
            auc_noise=result.whole_table.noise if result.whole_table else None,
            drifted_roles=result.by_role.drifted_roles if result.by_role else [],
            muted_columns=len(result.having(Status.MUTED)),
            columns={
                column.column: ColumnEntry(
                    **column.model_dump(include=set(ColumnEntry.model_fields))
                )
                for column in result.columns
            },
        )

    @property
    def summary(self) -> HistoryRun:
        """The run without its columns."""
        return HistoryRun(**self.model_dump(exclude={"columns"}))


class ColumnSeries(Series):
    """One column in each run of a year."""

    status: list[Status | None]
    severity: list[Severity | None]
    method: list[str | None]
    score: list[float | None]
    threshold: list[float | None]

    def cell(self, position: int) -> ColumnEntry | None:
        """Return the column in one run; None where the run has no such column."""
        found = {name: items[position] for name, items in vars(self).items()}
        return ColumnEntry.model_construct(**found) if found["status"] else None


class HistoryYear(BaseModel):
    """The runs of one year, the oldest first, each scheduled time once."""

    version: Literal[2] = 2
    monitor: str
    year: int
    runs: list[HistoryRun] = []
    columns: dict[str, ColumnSeries] = {}

    def add(self, entry: RunEntry) -> None:
        """Add a run, in place of an earlier run of the same time."""
        place = place_of(entry.run_id, self.run_ids)
        blank = ColumnSeries.blank(len(self.runs))
        self.columns = with_cells(self.columns, blank, place, entry.columns)
        self.runs[place] = [entry.summary]

    def before(self, run_id: str, n: int) -> list[RunEntry]:
        """Return the last `n` runs before this one, the oldest first; fewer if there are."""
        end = place_of(run_id, self.run_ids).start
        return [self.entry(position) for position in range(max(0, end - n), end)]

    def run(self, run_id: str) -> HistoryRun:
        """Return a run that is there, without its columns."""
        return self.runs[self.run_ids.index(run_id)]

    @property
    def run_ids(self) -> list[str]:
        """The runs' names, which are in order of time."""
        return [run.run_id for run in self.runs]

    def to_json(self) -> bytes:
        """Return the file: what became of a column by number, scores exact."""
        verdicts: dict[_Verdict, int] = {}
        series: dict[str, object] = {}
        for name, column in self.columns.items():
            cells = [column.cell(position) for position in range(len(self.runs))]
            series[name] = {
                "verdict": [
                    cell and verdicts.setdefault(_Verdict.of(cell), len(verdicts)) for cell in cells
                ],
                "score": column.score,
                "excess": [
                    _capped(excess(cell)) if cell and cell.method else None for cell in cells
                ],
            }
        file = self.model_dump(mode="json", include={"version", "monitor", "year"}) | {
            "verdicts": [verdict._asdict() for verdict in verdicts],
            "runs": [_as_json(run) for run in self.runs],
            "series": series,
            "columns": {},  # what the bars of reports from before version 2 look for
        }
        return json.dumps(file, separators=(",", ":"), allow_nan=False).encode()

    @classmethod
    def from_json(cls, body: bytes) -> Self:
        """Read the file, of this version or of the one before."""
        file = json.loads(body)
        if file["version"] == 1:
            for column in file["columns"].values():
                column["status"] = _items(file["statuses"], column["status"])
                column["severity"] = _items(file["severities"], column["severity"])
                column["method"] = _items(file["methods"], column["method"])
            return cls.model_validate(file | {"version": 2})
        columns = {
            name: {"score": series["score"]}
            | {
                key: _items([verdict[key] for verdict in file["verdicts"]], series["verdict"])
                for key in ("status", "severity", "method", "threshold")
            }
            for name, series in file.get("series", {}).items()
        }
        return cls.model_validate(file | {"columns": columns})

    def entry(self, position: int) -> RunEntry:
        """Return a run with its columns, by its place among the runs."""
        cells = {name: column.cell(position) for name, column in self.columns.items()}
        columns = {name: cell for name, cell in cells.items() if cell}
        return RunEntry(**self.runs[position].model_dump(), columns=columns)


class _Verdict(NamedTuple):
    """What the file says once of all cells that agree in it."""

    status: Status
    severity: Severity | None
    method: str | None
    threshold: float | None
    words: str
    title: str | None
    is_p_value: bool | None

    @classmethod
    def of(cls, cell: ColumnEntry) -> Self:
        words = "no drift" if cell.status is Status.OK else cell.status.value
        method = METHODS.get(cell.method or "")
        return cls(
            status=cell.status,
            severity=cell.severity,
            method=cell.method,
            threshold=cell.threshold,
            words="critical drift" if cell.severity == "critical" else words,
            title=method.title if method else None,
            is_p_value=method.is_p_value if method else None,
        )


def _as_json(run: HistoryRun) -> dict[str, object]:
    fields = HistoryRun.model_fields
    usual = {name for name in _LEFT_OUT if getattr(run, name) == fields[name].default}
    return run.model_dump(mode="json", exclude=usual) | {
        "name": run.name,
        "verdict": run.verdict,
        "percent": percent(run.drifted_share),
        "excess": _capped(_excess(run)),
    }


def _excess(run: HistoryRun) -> float:
    """Return how far out a run's share of drifted columns is; where one is enough, how many."""
    if run.drifted_share_threshold is None:
        return run.drifted_columns
    return ratio(run.drifted_share, run.drifted_share_threshold)


_LEFT_OUT = (
    "broken_columns",
    "failed_checks",
    "auc",
    "auc_noise",
    "is_weighted",
    "drifted_roles",
    "muted_columns",
)
"""Of the file, where they are as usual."""


def _capped(times: float) -> float:
    return max(0, min(round(times, 2), _FURTHEST))


def years_of(store: Files, monitor: str) -> list[int]:
    """List the years that a monitor has a history of, in order."""
    files = store.list(MonitorFiles(monitor).histories)
    return sorted(int(PurePosixPath(file.key).stem) for file in files)


def year_from(body: bytes | None, monitor: str, year: int) -> HistoryYear:
    """Return what a year's file holds; an empty year where there is none yet."""
    return HistoryYear.from_json(body) if body else HistoryYear(monitor=monitor, year=year)


def read_year(store: Files, monitor: str, year: int) -> HistoryYear:
    """Return a year of a monitor's history; an empty one where there is none yet."""
    stored = store.read(MonitorFiles(monitor).history(year))
    return year_from(stored.body if stored else None, monitor, year)


def renew_year(store: Files, monitor: str, year: int) -> None:
    """Write a year that is still of version 1 in this one, which the pages read."""
    key = MonitorFiles(monitor).history(year)
    stored = store.read(key)
    if stored and is_of_version_1(stored.body):
        update(store, key, lambda body: year_from(body, monitor, year).to_json())


def is_of_version_1(body: bytes) -> bool:
    """Tell whether a year's file does not say yet what the pages need."""
    version: int = json.loads(body)["version"]
    return version == 1


def recent_runs(store: Files, monitor: str, run_id: str, n: int) -> list[RunEntry]:
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


def all_run_ids(store: Files, monitor: str) -> set[str]:
    """Return the names of all runs in a monitor's history."""
    years = (read_year(store, monitor, year) for year in years_of(store, monitor))
    return {run_id for year in years for run_id in year.run_ids}


def year_of(run_id: str) -> int:
    """Return the year of a run."""
    return int(run_id[:4])


def _items(among: Sequence[object], numbers: Sequence[int | None]) -> list[object]:
    return [None if number is None else among[number] for number in numbers]
