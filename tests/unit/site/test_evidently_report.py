"""Evidently's page shows our scores, whatever the columns are called and hold."""

import json
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
from evidently.presets import DataDriftPreset
from support.builders import HOSTILE, InMemory, a_monitor, a_result, result_of

from drift_monitor.analysis.columns.source import SAMPLE_ROWS
from drift_monitor.analysis.drift.comparison import Comparison, compare
from drift_monitor.config.methods import METHODS, OF_THE_JUDGE
from drift_monitor.results.drift import OtherScore
from drift_monitor.site.pages import evidently_report
from drift_monitor.site.pages.evidently_report import render_report, snapshot_of
from drift_monitor.site.pages.html import report_page
from drift_monitor.site.pages.report import Report

pytestmark = pytest.mark.xdist_group("evidently")

ROWS = SAMPLE_ROWS + 1_000


class Page(HTMLParser):
    """A page as a browser takes it apart: its elements, and what its scripts say."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.data: object = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        shown = [name for name, _ in attrs] + [
            value for name, value in attrs if name == "id" and value
        ]
        self.elements.append(" ".join([tag, *shown]).split("root_")[0])

    def handle_data(self, data: str) -> None:
        if data.strip().startswith("var metric_"):
            self.data, _ = json.JSONDecoder().raw_decode(data.partition("=")[2].strip())

    @property
    def scores(self) -> dict[str, tuple[str, float, str]]:
        """Return method, score and verdict by column, as the page's table shows them."""
        return {
            row["column_name"]: (row["stattest_name"], row["drift_score"], row["data_drift"])
            for row in _dicts(self.data)
            if "drift_score" in row
        }

    @property
    def counters(self) -> dict[str, str]:
        """Return the page's figures by what they count."""
        return {
            figure["label"]: figure["value"]
            for part in _dicts(self.data)
            for figure in part.get("counters", [])
            if figure["value"] not in ("", "Dataset Drift")
        }

    @property
    def says_drift(self) -> bool:
        """Tell the page's verdict on the table."""
        (verdict,) = (
            figure["label"]
            for part in _dicts(self.data)
            for figure in part.get("counters", [])
            if figure["value"] == "Dataset Drift"
        )
        return "NOT" not in verdict


def _dicts(data: object) -> list[dict[str, Any]]:
    if isinstance(data, dict):
        return [data, *(found for value in data.values() for found in _dicts(value))]
    return [found for item in data for found in _dicts(item)] if isinstance(data, list) else []


def _compared(name: str = "words", category: str = "red", **parts: object) -> Comparison:
    """Compare a number that moved, and words of which one is `category`, in a column `name`."""
    random = np.random.default_rng(0)
    words = random.choice([category, "green", "blue"], ROWS)
    reference = {"moved": random.normal(size=ROWS), "same": np.arange(ROWS) / 7.0, name: words}
    current = {**reference, "moved": random.normal(1 / 3, size=ROWS)}
    return compare(InMemory(reference), InMemory(current), a_monitor(**parts))


@pytest.fixture(scope="module")
def compared() -> Comparison:
    return _compared()


@pytest.fixture(scope="module")
def report(compared: Comparison) -> Report:
    return render_report(compared, drifted_share=0.5)


@pytest.fixture
def _with_json(monkeypatch: pytest.MonkeyPatch) -> None:
    """Render by Evidently's whole preset: ours is for the page, and leaves the JSON empty."""
    monkeypatch.setattr(evidently_report, "_DriftPage", DataDriftPreset)


def test_the_page_is_that_of_evidentlys_whole_preset(
    compared: Comparison, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidently_report, "_DriftPage", DataDriftPreset)
    whole = render_report(compared, drifted_share=0.5)
    assert Page(report.html).scores == Page(whole.html).scores
    assert len(report.html) == len(whole.html)


@pytest.mark.usefixtures("_with_json")
def test_evidentlys_json_has_our_exact_scores(compared: Comparison) -> None:
    metrics = snapshot_of(compared.columns, compared, 0.5).dict()["metrics"]
    scores = {
        metric["config"]["column"]: metric["value"]
        for metric in metrics
        if "column" in metric["config"]
    }
    assert scores == {
        column.column: column.evidently and column.evidently.score for column in compared.columns
    }
    assert metrics[0]["value"] == {"count": 1, "share": pytest.approx(1 / 3)}


@pytest.mark.usefixtures("_with_json")
@pytest.mark.parametrize("correction", ["none", "bonferroni", "benjamini_hochberg"])
def test_evidentlys_json_and_drift_json_have_the_same_numbers(correction: str) -> None:
    random = np.random.default_rng(4)
    shifts = {"a": 0.0, "b": 0.25, "c": 0.5, "d": 0.0, "e": 1.0}
    reference = {name: random.normal(size=300) for name in shifts}
    current = {name: reference[name] + shift for name, shift in shifts.items()}
    reference |= {"w": ["x", "y", "z"] * 100, "psi": random.normal(size=300)}
    current |= {"w": ["x", "x", "y"] * 100, "psi": random.normal(size=300)}
    drift = {"correction": correction, "columns": {"psi": {"method": "psi"}}, "drifted_share": 0.4}
    monitor = a_monitor(drift={"judge": "evidently", **drift})
    compared = compare(InMemory(reference), InMemory(current), monitor)
    result = result_of(monitor, compared.columns)
    ours = json.loads(result.model_dump_json())
    snapshot = json.loads(snapshot_of(compared.columns, compared, 0.4).json())

    counted, *of_columns = snapshot["metrics"]
    assert counted["value"] == {"count": ours["drifted_columns"], "share": ours["drifted_share"]}
    assert counted["config"]["drift_share"] == ours["drifted_share_threshold"]
    assert {
        metric["config"]["column"]: (metric["value"], metric["config"]["threshold"])
        for metric in of_columns
    } == {column["column"]: (column["score"], column["threshold"]) for column in ours["columns"]}
    page = Page(render_report(compared, 0.4).html)
    assert page.counters == {
        "Columns": str(ours["scored_columns"]),
        "Drifted Columns": str(ours["drifted_columns"]),
        "Share of Drifted Columns": f"{ours['drifted_share']:.3g}",
    }
    assert page.says_drift == (ours["status"] == "drifted")
    verdicts = {name: verdict == "Detected" for name, (_, _, verdict) in page.scores.items()}
    assert verdicts == {c["column"]: c["status"] == "drifted" for c in ours["columns"]}
    # The corrections judge the columns differently: the page goes with each.
    assert verdicts["b"] == (correction != "bonferroni")
    assert verdicts["e"]


def test_the_page_shows_evidentlys_score_and_our_verdict(
    compared: Comparison, report: Report
) -> None:
    shown = {column.column: column.evidently for column in compared.columns}
    assert Page(report.html).scores == {
        column.column: (
            METHODS[each.method].title,
            round(each.score, 6),
            "Detected" if column.status == "drifted" else "Not Detected",
        )
        for column in compared.columns
        if (each := shown[column.column])
    }


@pytest.mark.parametrize("method", sorted({*METHODS} - OF_THE_JUDGE))
def test_the_page_shows_each_methods_score_by_its_title(method: str) -> None:
    kind = min(METHODS[method].kinds)
    random = np.random.default_rng(0)
    sides = [random.integers(0, 2, 60) for _ in range(2)]
    if kind == "categorical":
        sides = [np.array(["no", "yes"])[side] for side in sides]
    else:
        sides = [side + random.normal(size=60) for side in sides]
    drift = {"judge": "evidently", "columns": {"x": {"method": method}}}
    tables = [InMemory({"x": side}) for side in sides]
    compared = compare(*tables, a_monitor(drift=drift))
    (column,) = compared.columns
    verdict = "Detected" if column.status == "drifted" else "Not Detected"
    assert Page(render_report(compared, 0.5).html).scores == {
        "x": (METHODS[method].title, pytest.approx(column.score, abs=1e-6), verdict)
    }


def test_the_report_says_how_many_rows_are_behind_its_pictures(report: Report) -> None:
    assert report.sampled_rows == (SAMPLE_ROWS, SAMPLE_ROWS)
    assert report.undrawn == []


def test_the_next_report_of_the_same_process_shows_its_own_scores(report: Report) -> None:
    other = _compared(drift={"columns": {"moved": {"threshold": 0.9}}})
    shown = OtherScore(method="wasserstein", score=0.125)
    other.columns[:] = [column.model_copy(update={"evidently": shown}) for column in other.columns]
    before, after = Page(report.html).scores, Page(render_report(other, 0.5).html).scores
    assert {score for _, score, _ in after.values()} == {0.125}
    assert before["moved"][2] == "Detected"
    assert after["moved"][2] == "Not Detected"


@pytest.mark.parametrize(
    "hostile",
    [
        {"name": HOSTILE},
        {"category": HOSTILE},
        {"name": "<!--<script>"},
        {"category": "</head><body>"},
    ],
    ids=str,
)
def test_no_name_and_no_category_adds_an_element_to_the_page(
    report: Report, hostile: dict[str, str]
) -> None:
    compared = _compared(**hostile)
    page = Page(render_report(compared, 0.5).html)
    assert page.elements == Page(report.html).elements
    assert set(page.scores) == {column.column for column in compared.columns}


def test_our_bar_comes_first_in_the_body_and_the_title_is_ours(
    compared: Comparison, report: Report
) -> None:
    html = report_page(report, a_result(compared.columns), home="../").decode()
    elements = Page(html).elements
    body = elements.index("body")
    assert " id " in elements[body + 1]
    assert elements[body + 1].endswith("drift-monitor")
    assert elements.index("head") < elements.index("title") < body
    assert elements.count("title") == 1
    assert html.count("· Drift Monitor</title>") == 1


def test_columns_that_evidently_cannot_draw_are_listed_and_the_rest_is_drawn() -> None:
    # Evidently gives up on values too far apart for a histogram, and on a sample without a value:
    # the few values of `rare` are in none of the sampled rows.
    numbers = np.arange(ROWS, dtype=float)
    table = InMemory({"n": numbers})
    (sampled,) = compare(table, table, a_monitor()).samples["n"].reference
    unsampled = sorted(set(numbers) - set(sampled.to_pylist()))[:3]
    columns = {
        "fine": numbers,
        "huge": numbers * 1e305,
        "rare": [number if number in unsampled else None for number in numbers],
    }
    compared = compare(InMemory(columns), InMemory(columns), a_monitor())
    assert {column.column: column.status for column in compared.columns} == {
        "fine": "ok",
        "huge": "ok",
        "rare": "ok",
    }
    report = render_report(compared, 0.5)
    assert sorted(report.undrawn) == ["huge", "rare"]
    assert set(Page(report.html).scores) == {"fine"}
    page = report_page(report, a_result(compared.columns), home="").decode()
    assert page.count("Evidently could not draw it: see the JSON for its score") == 2


def test_when_nothing_can_be_drawn_the_page_still_lists_every_column(
    compared: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("secret value")

    monkeypatch.setattr(evidently_report, "snapshot_of", fail)
    report = render_report(compared, 0.5)
    assert (report.html, report.undrawn) == ("", ["moved", "same", "words"])
    page = report_page(report, a_result(compared.columns), home="").decode()
    assert "<h1>" in page
    assert all(f">{name}<" in page for name in ("moved", "same", "words"))
    assert "secret" not in page


def test_without_a_scored_column_there_is_no_evidently_page() -> None:
    table = InMemory({"x": [None] * 10})
    report = render_report(compare(table, table, a_monitor()), 0.5)
    assert (report.html, report.undrawn) == ("", [])


def test_the_page_loads_nothing_from_elsewhere(report: Report) -> None:
    elements = Page(report.html).elements
    assert not [element for element in elements if " src" in element or element.startswith("link")]
