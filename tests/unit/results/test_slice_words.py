"""What a reader of the page and of the email is told of slices."""

import json

import pytest
from support.builders import HOSTILE, a_decision, a_result

from drift_monitor.alerts.chat import compose_chat
from drift_monitor.alerts.email import compose
from drift_monitor.results.run import DriftResult
from drift_monitor.results.slices import SliceColumn, SliceDrift
from drift_monitor.results.words import slice_lines, slice_name, slices_in_words
from drift_monitor.site.pages.html import report_page
from drift_monitor.site.pages.report import Report

WORST = SliceColumn(column=HOSTILE, method="ks", score=0.001, threshold=0.05, severity="warn")


def _slice(value: str | None = "UA", status: str = "ok", **parts: object) -> SliceDrift:
    fields = {
        "by": ["carrier"],
        "values": [value],
        "reference_rows": 12_345,
        "current_rows": 6_789,
        "status": status,
        "smallest": 500,
        "scored_columns": 12,
        "drifted_columns": 5 if status == "drifted" else 0,
        "drifted_share": 5 / 12 if status == "drifted" else 0.0,
    }
    return SliceDrift.model_validate(fields | parts)


SMALL = _slice("VX", "too_small", scored_columns=0, current_rows=3)
NONE = SliceDrift(by=["carrier"], status="error", reason="carrier is not in current")


def _result(*slices: SliceDrift) -> DriftResult:
    return a_result().model_copy(update={"slices": list(slices)})


def _page(*slices: SliceDrift, html: str = "<head></head><body></body>") -> str:
    return report_page(Report(html, [], (1, 1)), _result(*slices), "../").decode()


def _email(*slices: SliceDrift) -> str:
    return compose(_result(*slices), a_decision(), "https://example.com/").body


@pytest.mark.parametrize(
    ("found", "name"),
    [
        (_slice("UA"), "carrier=UA"),
        (_slice(None), "carrier: no value"),
        (_slice("a\nb"), "carrier=a b"),
        (_slice(values=None), "a value too rare to name"),
        (_slice(values=None, is_other=True), "other"),
        (_slice(by=["carrier", "origin"], values=["UA", None]), "carrier=UA, origin: no value"),
    ],
)
def test_a_slice_is_named_by_its_values(found: SliceDrift, name: str) -> None:
    assert slice_name(found) == name


@pytest.mark.parametrize(
    ("slices", "line"),
    [
        (
            [_slice(), _slice("AA", "drifted"), SMALL],
            ", of at least 500 rows: 1 of 2 drifted, 1 too small",
        ),
        ([_slice()], ", of at least 500 rows: 0 of 1 drifted"),
        ([SMALL, SMALL], ", of at least 500 rows: none compared, 2 too small"),
        ([NONE], ": carrier is not in current"),
    ],
)
def test_one_line_says_what_became_of_the_slices(slices: list[SliceDrift], line: str) -> None:
    assert slices_in_words(slices) == f"Slices by carrier{line}"


def test_an_email_names_the_drifted_slices_the_worst_first() -> None:
    slices = [
        _slice("UA", "drifted"),
        _slice("AA"),
        _slice("B6", "drifted", drifted_columns=7, drifted_share=7 / 12),
        _slice("DL", "drifted", severity="critical"),
    ]
    said = "Drifted slices: carrier=DL (5 of 12), carrier=B6 (7 of 12),\n  carrier=UA (5 of 12)\n"
    assert f"\n\n{said}" in _email(*slices)


def test_an_email_names_five_drifted_slices_and_counts_the_others() -> None:
    lines = slice_lines([_slice(str(number), "drifted") for number in range(8)], 65)
    text = " ".join(" ".join(lines).split())
    assert "carrier=4 (5 of 12) and 3 more" in text
    assert "carrier=5" not in text


@pytest.mark.parametrize("slices", [[_slice(), SMALL], [NONE]])
def test_an_email_says_too_that_no_slice_drifted(slices: list[SliceDrift]) -> None:
    words = " ".join(_email(*slices).split())
    assert f" {slices_in_words(slices)} " in words


def test_without_slices_nothing_is_said_of_them() -> None:
    assert "lice" not in _email()
    assert "lice" not in _page()


@pytest.mark.parametrize("html", ["<head></head><body></body>", ""], ids=["report", "no report"])
def test_the_page_has_each_slice_with_its_verdict(html: str) -> None:
    slices = [_slice("UA", "drifted", severity="critical", worst=[WORST]), _slice("AA"), SMALL]
    page = " ".join(_page(*slices, html=html).split())
    said = "Slices by carrier, of at least 500 rows: 1 of 2 drifted, 1 too small."
    assert f"<summary>{said}</summary>" in page
    for cells in (
        '<th scope="row" class="wrap">carrier=UA</th> <td>drift (critical)</td> <td>5 of 12</td>',
        "<td>6,789 against 12,345</td>",
        '<th scope="row" class="wrap">carrier=AA</th> <td>no drift</td> <td>0 of 12</td>',
        '<th scope="row" class="wrap">carrier=VX</th> <td>too small</td> <td></td>',
        "<td>3 against 12,345</td>",
        "0.001 &lt; 0.05",
    ):
        assert cells in page
    assert page.count("<summary>Slices") == 1


def test_names_and_values_of_a_table_are_no_markup() -> None:
    hostile = _slice(HOSTILE, "drifted", by=[HOSTILE], worst=[WORST], reason=HOSTILE)
    page = _page(hostile)
    assert "<img" not in page
    assert "&lt;img" in page


def test_tables_that_cannot_be_sliced_say_so_on_the_page() -> None:
    assert "Slices by carrier: carrier is not in current." in _page(NONE)


def test_a_message_that_is_too_long_leaves_slices_to_the_site() -> None:
    slices = [_slice(f"{number:0100}") for number in range(50)]
    result = _result(*slices)
    whole = compose(result, a_decision(), "https://example.com/")
    assert json.loads(whole.machine_json)["slices_left_out"] == 0
    short = compose(result, a_decision(), "https://example.com/", limit=10_000)
    assert len(short.message.encode()) <= 10_000
    sent = json.loads(short.machine_json)
    assert (sent["slices"], sent["slices_left_out"]) == ([], 50)


def test_a_chat_names_the_slices_that_drifted_and_calls_nobody() -> None:
    result = _result(_slice("<!here>", "drifted"), _slice("DL"), SMALL)
    content = json.loads(compose_chat(result, a_decision(), "https://example.com/").json)["content"]
    (line,) = [each for each in content["description"].splitlines() if "slices" in each]
    assert line.startswith("Drifted slices: carrier=")
    assert line.endswith("(5 of 12)")
    assert "<" not in line
