"""The scores of the flights are those that Evidently gave for them: tests/golden/flights.json."""

import json
from pathlib import Path

import pytest
from support.builders import a_monitor

from drift_monitor.analysis.drift.comparison import Comparison, compare
from drift_monitor.config.methods import METHODS, OF_THE_JUDGE
from drift_monitor.tables.table import open_table
from examples.flights import read_flights, write_tables

REPORTS = json.loads((Path(__file__).parents[2] / "golden" / "flights.json").read_text("utf-8"))
WEEK = [f"2013-06-{day}" for day in range(24, 31)]


@pytest.fixture(scope="module")
def flights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lay the reference and the week's days out as the example does."""
    folder = tmp_path_factory.mktemp("flights")
    flights = read_flights()
    in_week = (flights["month"] == 6) & flights["day"].between(24, 30)
    write_tables(flights[(flights["month"] <= 3) | in_week], folder)
    assert [path.stem for path in sorted((folder / "daily").iterdir())] == WEEK
    return folder


def _compare(folder: Path, methods: dict[str, str], **how: int) -> Comparison:
    # Evidently was told that the day, which has seven values in a week, is a number.
    named = {"day": "wasserstein"} | methods
    rules = {name: {"method": method} for name, method in named.items()}
    monitor = a_monitor(drift={"judge": "evidently", "columns": rules})
    with (
        open_table(str(folder / "reference.parquet")) as reference,
        open_table(str(folder / "daily")) as current,
    ):
        return compare(reference, current, monitor, **how)


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: str(report["methods"])[:30])
def test_the_flights_scores_are_those_that_evidently_gave(
    flights: Path, report: dict[str, dict[str, dict[str, object]]]
) -> None:
    ours = {column.column: column for column in _compare(flights, report["methods"]).columns}
    assert report["scores"]
    for name, golden in report["scores"].items():
        column = ours[name]
        assert column.score == pytest.approx(golden["score"], rel=1e-9, abs=1e-12), name
        assert column.threshold == golden["threshold"], name
        assert golden["method"] in (column.method, METHODS[column.method or ""].title), name
    if not report["methods"]:
        assert {name for name, column in ours.items() if column.is_scored} == set(report["scores"])


def test_the_golden_file_has_each_common_method() -> None:
    named = {method for report in REPORTS for method in report["methods"].values()}
    slow_or_rare = {name for name in METHODS if name not in {*named, *OF_THE_JUDGE}}
    assert slow_or_rare == {
        *("anderson", "cramer_von_mises", "ed", "empirical_mmd", "es"),
        *("chisquare_homogeneity", "fisher_exact", "g_test", "mannw", "TVD"),
    }


def test_the_memory_to_spend_changes_nothing(flights: Path) -> None:
    assert _compare(flights, {}, memory=1).columns == _compare(flights, {}, memory=1 << 40).columns
