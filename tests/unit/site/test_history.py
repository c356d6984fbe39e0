import json
import math
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from support.builders import MONDAY, WEEK, a_column, a_result, a_whole_table
from support.site_pages import VERSION_1

from drift_monitor.results.checks import FailedChecks
from drift_monitor.results.drift import ColumnDrift
from drift_monitor.results.run import run_id
from drift_monitor.site.history import (
    HistoryYear,
    RunEntry,
    all_run_ids,
    is_of_version_1,
    read_year,
    recent_runs,
    years_of,
)
from drift_monitor.site.layout import MonitorFiles
from drift_monitor.storage import Folder

AFTER_ALL = "99991231T000000Z"
SILVESTER = datetime(2013, 12, 31, 9, 30, tzinfo=UTC)


def _entry(week: int, status: str | None = None) -> RunEntry:
    return RunEntry.of(a_result(scheduled_at=MONDAY + week * WEEK, status=status))


def _year(entries: Iterable[RunEntry]) -> HistoryYear:
    year = HistoryYear(monitor="flights", year=2013)
    for entry in entries:
        year.add(entry)
    return year


def _again(year: HistoryYear) -> HistoryYear:
    return HistoryYear.from_json(year.to_json())


def _store(folder: Path, *moments: datetime) -> Folder:
    """Return a site whose history has a run at each of these times."""
    store = Folder(folder)
    for moment in moments:
        year = read_year(store, "flights", moment.year)
        year.add(RunEntry.of(a_result(scheduled_at=moment)))
        store.write(MonitorFiles("flights").history(moment.year), year.to_json())
    return store


def _wide(columns: int) -> list[ColumnDrift]:
    return [
        a_column(f"column_number_{number}", ("ok", "drifted")[number % 2], math.sqrt(number + 2))
        for number in range(columns)
    ]


def test_a_run_is_kept_short_but_whole() -> None:
    result = a_result([a_column("x", "drifted", 0.5), a_column("gone", "missing")])
    entry = RunEntry.of(result, SILVESTER)
    assert (entry.run_id, entry.status, entry.window) == (result.run_id, "drifted", result.window)
    assert (entry.reference_rows, entry.current_rows) == (12_345, 6_789)
    assert (entry.drifted_share_threshold, entry.report_until) == (0.5, SILVESTER)
    assert {name: (c.status, c.score, c.method) for name, c in entry.columns.items()} == {
        "x": ("drifted", 0.5, "wasserstein"),
        "gone": ("missing", None, None),
    }


def test_a_run_again_takes_the_place_of_the_first() -> None:
    year = _year([_entry(0), _entry(1), _entry(0, status="error")])
    assert [run.status for run in year.runs] == ["error", "ok"]


def test_a_column_that_only_a_replaced_run_had_is_gone() -> None:
    first = RunEntry.of(a_result([a_column("x"), a_column("typo", "new")]))
    assert _year([first, _entry(0)]) == _year([_entry(0)])


@given(st.lists(st.integers(-20, 20), max_size=12), st.randoms(use_true_random=False))
def test_the_order_in_which_runs_end_changes_nothing(weeks: list[int], random: object) -> None:
    shuffled = sorted(weeks, key=lambda _: random.random())  # type: ignore[attr-defined]
    in_order = _year(map(_entry, weeks))
    assert _year(map(_entry, shuffled)).to_json() == in_order.to_json()
    assert _year(map(_entry, [*weeks, *weeks])).to_json() == in_order.to_json()
    times = [run.scheduled_at for run in in_order.runs]
    assert times == sorted({MONDAY + week * WEEK for week in weeks})


_COLUMNS = st.lists(
    st.builds(
        a_column,
        st.text(min_size=1, max_size=5),
        st.sampled_from(["ok", "drifted", "skipped", "missing", "new", "error"]),
        st.floats(allow_nan=False, allow_infinity=False),
    ),
    max_size=4,
    unique_by=lambda column: column.column,
)


@given(st.lists(_COLUMNS, max_size=4))
def test_a_year_reads_back_as_it_was_written(tables: list[list[ColumnDrift]]) -> None:
    entries = [
        RunEntry.of(a_result(columns, scheduled_at=MONDAY + week * WEEK))
        for week, columns in enumerate(tables)
    ]
    year = _year(entries)
    assert _again(year) == year
    assert _again(year).before(AFTER_ALL, len(entries)) == entries


def test_a_year_from_before_windows_said_their_time_zone_is_read() -> None:
    year = _year([RunEntry.of(a_result([a_column("x")]))])
    file = json.loads(year.to_json())
    del file["runs"][0]["window"]["timezone"]
    assert HistoryYear.from_json(json.dumps(file).encode()) == year


def test_the_file_is_lists_with_an_item_per_run() -> None:
    first = a_result([a_column("x", "drifted", 0.5)])
    ks = {"method": "ks", "score": 0.2, "threshold": 0.05}
    columns = [a_column("x").model_copy(update=ks), a_column("y", "new")]
    second = a_result(columns, scheduled_at=MONDAY + WEEK)
    file = json.loads(_year([RunEntry.of(second), RunEntry.of(first, SILVESTER)]).to_json())
    assert list(file)[:3] == ["version", "monitor", "year"]
    assert file["verdicts"][:2] == [
        {
            "status": "drifted",
            "severity": None,
            "method": "wasserstein",
            "threshold": 0.1,
            "words": "drifted",
            "title": "Wasserstein distance (normed)",
            "is_p_value": False,
        },
        {
            "status": "ok",
            "severity": None,
            "method": "ks",
            "threshold": 0.05,
            "words": "no drift",
            "title": "K-S p_value",
            "is_p_value": True,
        },
    ]
    assert file["series"] == {
        "x": {"verdict": [0, 1], "score": [0.5, 0.2], "excess": [5.0, 0.25]},
        "y": {"verdict": [None, 2], "score": [None, None], "excess": [None, None]},
    }
    assert file["runs"][0] == {
        "run_id": "20130624T093000Z",
        "scheduled_at": "2013-06-24T09:30:00Z",
        "window": {
            "start": "2013-06-17T09:30:00Z",
            "end": "2013-06-24T09:30:00Z",
            "timezone": "UTC",
        },
        "status": "drifted",
        "severity": None,
        "reference_rows": 12345,
        "current_rows": 6789,
        "scored_columns": 1,
        "drifted_columns": 1,
        "drifted_share": 1.0,
        "drifted_share_threshold": 0.5,
        "report_until": "2013-12-31T09:30:00Z",
        "name": "17 Jun 2013 09:30 to 24 Jun 2013 09:30 UTC",
        "verdict": "drift",
        "percent": "100%",
        "excess": 2.0,
    }


@pytest.mark.parametrize(
    ("update", "words"),
    [
        ({"status": "ok"}, "no drift"),
        ({"status": "drifted", "severity": "warn"}, "drift"),
        ({"status": "drifted", "severity": "critical"}, "critical drift"),
        ({"status": "error"}, "not scored"),
        ({"status": "no_data"}, "no data"),
        ({"status": "ok", "failed_checks": FailedChecks(warn=1)}, "1 check failed, no drift"),
        ({"failed_checks": FailedChecks(critical=1, warn=2)}, "3 checks failed, no drift"),
    ],
)
def test_a_run_says_its_verdict(update: dict[str, object], words: str) -> None:
    assert _entry(0).model_copy(update=update).verdict == words


def test_a_run_is_named_after_its_window_or_its_time() -> None:
    assert _entry(0).name == "17 Jun 2013 09:30 to 24 Jun 2013 09:30 UTC"
    assert _entry(0).model_copy(update={"window": None}).name == "24 Jun 2013 09:30 UTC"


@pytest.mark.parametrize(
    ("score", "threshold", "excess"),
    [
        (0.775, 0.2, 3.88),
        (0.2, 0.0, 1000),
        (0.0, 0.0, 1.0),
        (1e300, 1e-300, 1000),
        (-1e-17, 0.1, 0),
    ],
)
def test_how_far_out_a_score_is_is_said_as_far_as_a_page_tells_apart(
    score: float, threshold: float, excess: float
) -> None:
    column = a_column("x").model_copy(update={"score": score, "threshold": threshold})
    file = json.loads(_year([RunEntry.of(a_result([column]))]).to_json())
    assert file["series"]["x"]["excess"] == [excess]


def test_a_critical_column_is_said_to_be() -> None:
    column = a_column("x", "drifted", 9.0).model_copy(update={"severity": "critical"})
    file = json.loads(_year([RunEntry.of(a_result([column]))]).to_json())
    assert [verdict["words"] for verdict in file["verdicts"]] == ["critical drift"]


def test_a_year_of_the_version_before_is_read() -> None:
    ks = {"method": "ks", "score": 0.01, "threshold": 0.05, "severity": "critical"}
    x = a_column("x", "drifted").model_copy(update=ks)
    first = a_result([x, a_column("gone", "missing")])
    columns = [a_column("x"), a_column("y", "drifted", 1 / 3)]
    second = a_result(columns, scheduled_at=MONDAY + WEEK)
    year = _year([RunEntry.of(first), RunEntry.of(second, MONDAY + 9 * WEEK)])
    assert HistoryYear.from_json(VERSION_1) == year
    assert is_of_version_1(VERSION_1)
    assert is_of_version_1(json.dumps(json.loads(VERSION_1), indent=2, sort_keys=True).encode())
    assert not is_of_version_1(year.to_json())


def test_the_bar_of_an_older_report_finds_the_runs_and_no_column_that_it_cannot_read() -> None:
    file = json.loads(_year([_entry(0)]).to_json())
    assert file["columns"] == {}
    assert file["runs"][0]["run_id"] == "20130624T093000Z"


def test_a_year_of_a_later_version_is_not_misread() -> None:
    with pytest.raises(ValidationError, match="version"):
        HistoryYear.from_json(b'{"version":3,"monitor":"flights","year":2013}')


def test_severity_is_kept() -> None:
    column = a_column("x", "drifted", 9.0).model_copy(update={"severity": "critical"})
    result = a_result([column]).model_copy(update={"severity": "warn"})
    (entry,) = _again(_year([RunEntry.of(result)])).before(AFTER_ALL, 9)
    assert (entry.severity, entry.columns["x"].severity) == ("warn", "critical")


def test_two_hundred_runs_of_fifty_columns_are_under_half_a_megabyte() -> None:
    day = timedelta(days=1)
    start = datetime(2013, 1, 1, tzinfo=UTC)
    runs = (a_result(_wide(50), scheduled_at=start + number * day) for number in range(200))
    assert len(_year(map(RunEntry.of, runs)).to_json()) < 500_000


def test_recent_runs_are_those_just_before_whether_or_not_the_run_is_there(tmp_path: Path) -> None:
    times = [MONDAY + week * WEEK for week in (0, 1, 4)]
    store = _store(tmp_path, *times)
    for week, before in {0: [], 1: times[:1], 2: times[:2], 4: times[:2], 9: times[1:]}.items():
        recent = recent_runs(store, "flights", run_id(MONDAY + week * WEEK), 2)
        assert [run.scheduled_at for run in recent] == before


def test_recent_runs_go_back_into_the_years_before_as_far_as_needed(tmp_path: Path) -> None:
    year = timedelta(days=365)
    times = [MONDAY - 3 * year, MONDAY - year, SILVESTER - year, MONDAY, MONDAY + year]
    store = _store(tmp_path, *times)
    for count, before in {1: times[2:3], 2: times[1:3], 3: times[:3], 9: times[:3]}.items():
        recent = recent_runs(store, "flights", run_id(MONDAY), count)
        assert [run.scheduled_at for run in recent] == before


def test_a_monitor_that_never_ran_has_no_runs(tmp_path: Path) -> None:
    store = Folder(tmp_path)
    assert years_of(store, "flights") == []
    assert all_run_ids(store, "flights") == set()
    assert recent_runs(store, "flights", run_id(MONDAY), 3) == []
    assert read_year(store, "flights", 2013) == HistoryYear(monitor="flights", year=2013)


def test_the_runs_of_all_years_are_known(tmp_path: Path) -> None:
    times = [SILVESTER, SILVESTER + timedelta(days=1), MONDAY]
    store = _store(tmp_path, *times)
    assert years_of(store, "flights") == [2013, 2014]
    assert all_run_ids(store, "flights") == {run_id(moment) for moment in times}
    assert all_run_ids(store, "weather") == set()


def test_run_ids_sort_as_times_do_and_are_safe_in_keys() -> None:
    moments = [MONDAY, MONDAY + WEEK, datetime.fromisoformat("2013-06-24T23:30:00-08:00")]
    ids = [run_id(moment) for moment in moments]
    assert ids == ["20130624T093000Z", "20130701T093000Z", "20130625T073000Z"]
    assert sorted(ids) == [run_id(moment) for moment in sorted(moments)]


def test_how_well_rows_are_told_is_kept_where_it_was_asked_for() -> None:
    asked = a_result(scheduled_at=MONDAY + WEEK).model_copy(update={"whole_table": a_whole_table()})
    year = _year([_entry(0), RunEntry.of(asked)])
    assert [(run.auc, run.auc_noise) for run in _again(year).runs] == [(None, None), (0.714, 0.53)]
    assert not {"auc", "auc_noise"} & {*json.loads(year.to_json())["runs"][0]}
