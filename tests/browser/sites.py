"""The sites that the browser looks at, made by the parts that make them in use."""

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
from pyarrow import parquet as pq

from drift_monitor.config.load import load_monitor
from drift_monitor.config.methods import Kind
from drift_monitor.config.monitor import Monitor
from drift_monitor.results.drift import (
    CategoryChange,
    ColumnDrift,
    ColumnProfile,
    FrequentValue,
    Status,
)
from drift_monitor.results.run import DriftResult, run_id
from drift_monitor.results.severity import severity_of
from drift_monitor.results.tables import TableSummary, WindowSummary
from drift_monitor.run import run
from drift_monitor.site.pages.report import NO_REPORT, Report
from drift_monitor.site.publish import publish
from drift_monitor.site.store import Site
from drift_monitor.storage import Files, Folder
from examples.flights import read_flights, write_tables

ROOT = Path(__file__).parents[2]
WEEK = timedelta(days=7)
MONDAYS = "cron(30 9 ? * MON *)"
WEEKS_KEPT = 26
"""Reports of older weeks are removed."""
SCRIPT = "<script>alert(1)</script>"
HOSTILE = [
    SCRIPT,
    '"><img src=x onerror=alert(2)>',
    "naïve Größe, 体重 ⚖️",
    "a very long name " * 12 + "that ends",
    "=HYPERLINK(0)",
    "100% / a?b#c&d",
    "__proto__",
]
PLAIN = Report("<html><head></head><body><p>Evidently's page</p></body></html>", [], (5000, 5000))


def write_flights_site(folder: Path) -> Path:
    """Run the demo's monitor for the three newest weeks."""
    data = folder / "demo" / "data"
    write_tables(read_flights(), data)
    monitor = _reading_from(load_monitor(ROOT / "examples" / "flights.yaml"), folder)
    site = Site(Folder(folder / "site"), "http://localhost/")
    for week in range(3):
        run(
            monitor,
            datetime(2013, 6, 17, 9, 30, tzinfo=UTC) + week * WEEK,
            site=site,
            notifier=None,
        )
    return folder / "site"


def _reading_from(monitor: Monitor, folder: Path) -> Monitor:
    parts = monitor.model_dump(mode="json", exclude_unset=True)
    for side in ("reference", "current"):
        parts[side]["location"] = str(folder / parts[side]["location"])
    return Monitor.model_validate(parts)


def write_hostile_site(folder: Path) -> Path:
    """Publish three monitors: one calm, one blind, one with names that would break a page."""
    store = Folder(folder / "site")
    newest = datetime(2013, 7, 1, 9, 30, tzinfo=UTC)
    for week in range(2):
        write_run(store, "calm", newest - week * WEEK, ["x", "y"], drifted=0)
    publish(store, _blind(newest), Report("", [], (0, 0)), schedule=MONDAYS)
    names = [*HOSTILE, *(f"column {number:02}" for number in range(12))]
    for week in range(230, 0, -1):
        write_run(
            store,
            "hostile",
            newest - week * WEEK,
            names,
            drifted=week % 9,
            retention=None if week < WEEKS_KEPT else WEEKS_KEPT * WEEK,
        )
    run(
        _hostile_monitor(folder),
        newest,
        site=Site(store, "http://localhost/"),
        notifier=None,
    )
    return folder / "site"


def write_site_with_gaps(folder: Path) -> Path:
    """Publish a monitor whose second run and whose newest had no data, and one that is well."""
    store = Folder(folder / "site")
    first = datetime(2013, 6, 3, 9, 30, tzinfo=UTC)
    write_run(store, "sales", first, ["x", "y", "z"], drifted=0)
    _write_run_without_data(store, "sales", first + WEEK, rows=0)
    write_run(store, "sales", first + 2 * WEEK, ["x", "y", "z"], drifted=1)
    _write_run_without_data(store, "sales", first + 3 * WEEK, rows=12)
    write_run(store, "stock", first + 3 * WEEK, ["x"], drifted=0)
    return folder / "site"


def _write_run_without_data(store: Files, monitor: str, scheduled_at: datetime, rows: int) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    end = scheduled_at.astimezone(berlin).replace(hour=0, minute=0)
    missing = [f"sales/{SCRIPT}/{day}.parquet" for day in range(6)]
    result = DriftResult(
        monitor=monitor,
        run_id=run_id(scheduled_at),
        scheduled_at=scheduled_at,
        window=WindowSummary(start=end - WEEK, end=end, timezone="Europe/Berlin"),
        reference=TableSummary(location="r.parquet", files=1, rows=12_345),
        current=TableSummary(location="c/", files=int(rows > 0), rows=rows, missing_files=missing),
        status="no_data",
        reason=f"current has {rows} rows, fewer than minimum_rows (500)",
        scored_columns=0,
        drifted_columns=0,
        drifted_share=0.0,
        drifted_share_threshold=1 / 3,
        columns=[],
    )
    publish(store, result, NO_REPORT, schedule=MONDAYS, now=lambda: scheduled_at)


def _hostile_monitor(folder: Path) -> Monitor:
    numbers = np.random.default_rng(7)
    for side, middle in (("reference", 0.0), ("current", 0.3)):
        columns: dict[str, object] = {
            name: numbers.normal(middle * place, 1, 2000) for place, name in enumerate(HOSTILE)
        }
        columns[SCRIPT] = numbers.choice([SCRIPT, "<b>b</b>", "plain"], 2000)
        pq.write_table(pa.table(columns), folder / f"{side}.parquet")
    return Monitor.model_validate(
        {
            "name": "hostile",
            "reference": {"location": str(folder / "reference.parquet")},
            "current": {"location": str(folder / "current.parquet")},
        }
    )


def write_run(
    store: Files,
    monitor: str,
    scheduled_at: datetime,
    names: list[str],
    *,
    drifted: int,
    retention: timedelta | None = None,
) -> None:
    """Publish a run as if its first columns had drifted."""
    week = scheduled_at.timetuple().tm_yday / 7
    columns = [_column(name, place, week, place < drifted) for place, name in enumerate(names)]
    result = DriftResult(
        monitor=monitor,
        run_id=run_id(scheduled_at),
        scheduled_at=scheduled_at,
        window=WindowSummary(start=scheduled_at - WEEK, end=scheduled_at),
        reference=TableSummary(location="reference.parquet", files=1, rows=12_345),
        current=TableSummary(location="current.parquet", files=7, rows=6_789),
        status="drifted" if drifted * 3 >= len(names) else "ok",
        severity="warn" if drifted * 3 >= len(names) else None,
        scored_columns=len(names),
        drifted_columns=drifted,
        drifted_share=drifted / len(names),
        drifted_share_threshold=1 / 3,
        columns=columns,
    )
    publish(store, result, PLAIN, schedule=MONDAYS, retention=retention, now=lambda: scheduled_at)


def _column(name: str, place: int, week: float, drifted: bool) -> ColumnDrift:  # noqa: FBT001
    wave = math.sin(week / 4 + place)
    score = 0.1 + (0.05 + 0.1 * place) * abs(wave) if drifted else 0.05 + 0.04 * wave
    is_categorical = place % 3 == 0
    return ColumnDrift(
        column=name,
        role="covariate",
        kind=Kind.CATEGORICAL if is_categorical else Kind.NUMERIC,
        status=Status.DRIFTED if drifted else Status.OK,
        method="jensenshannon" if is_categorical else "wasserstein",
        score=score,
        threshold=0.1,
        severity=severity_of("wasserstein", score, 0.1, 0.6) if drifted else None,
        reference=_profile(0, is_categorical=is_categorical),
        current=_profile(wave, is_categorical=is_categorical),
        new_categories=_change(place) if is_categorical else None,
        vanished_categories=_change(0) if is_categorical else None,
    )


def _profile(middle: float, *, is_categorical: bool) -> ColumnProfile:
    if is_categorical:
        frequent = [FrequentValue(value=value, share=0.3) for value in (SCRIPT, "b", "")]
        return ColumnProfile(values=6000, nulls=789, distinct=12, frequent=frequent)
    quantiles = {"0.05": -1.6, "0.25": -0.7, "0.5": 0.0, "0.75": 0.7, "0.95": 1.6}
    return ColumnProfile(
        values=6000,
        nulls=789,
        mean=middle,
        std=1.0,
        quantiles={share: middle + value for share, value in quantiles.items()},
    )


def _change(categories: int) -> CategoryChange:
    examples = [SCRIPT] if categories else []
    return CategoryChange(categories=categories, share=categories / 100, examples=examples)


def _blind(scheduled_at: datetime) -> DriftResult:
    column = ColumnDrift(
        column=SCRIPT, role="covariate", status=Status.ERROR, reason="no value in current"
    )
    return DriftResult(
        monitor="blind",
        run_id=run_id(scheduled_at),
        scheduled_at=scheduled_at,
        reference=TableSummary(location="r.parquet", files=1, rows=10),
        current=TableSummary(location="c.parquet", files=1, rows=10),
        status="error",
        scored_columns=0,
        drifted_columns=0,
        drifted_share=0.0,
        drifted_share_threshold=0.5,
        columns=[column],
    )
