"""What one can do on the history page, on a column's page, in the bar and on the overview."""

import csv
import json
from collections import Counter
from pathlib import Path
from urllib.parse import quote

import pytest
from conftest import Sites, Visit
from playwright.sync_api import Locator, Page, expect
from sites import SCRIPT

FLIGHTS, HOSTILE = "monitors/flights/", "monitors/hostile/"


@pytest.fixture
def flights(served: Sites, visit: Visit) -> Page:
    """Open the history of the flights: three runs."""
    return visit(f"{served['flights']}{FLIGHTS}history.html").page


@pytest.fixture
def hostile(served: Sites, visit: Visit) -> Page:
    """Open a long history: 231 runs in five years."""
    return visit(f"{served['hostile']}{HOSTILE}history.html").page


def _focus_on_grid(page: Page) -> Locator:
    page.locator(".heat td[tabindex='0']").focus()
    return page.locator("#readout")


def _windows(page: Page) -> list[str]:
    return page.locator("#runs tbody th").all_inner_texts()


def test_arrow_keys_read_the_heat_map_and_tab_leads_on(flights: Page) -> None:
    readout = _focus_on_grid(flights)
    expect(readout).to_contain_text("Whole table, 24 to 30 Jun 2013: drift, 6 of 13 columns")
    flights.keyboard.press("ArrowDown")
    expect(readout).to_contain_text(
        "arr_delay, 24 to 30 Jun 2013: drifted, score 0.775, "
        "3.9\N{MULTIPLICATION SIGN} the threshold of 0.2"
    )
    flights.keyboard.press("ArrowLeft")
    expect(readout).to_contain_text("arr_delay, 17 to 23 Jun 2013: no drift")
    focused = flights.locator(":focus")
    assert focused.get_attribute("aria-label") == readout.locator("p").first.inner_text()
    flights.keyboard.press("Tab")
    expect(readout.get_by_role("link", name="Report")).to_be_focused()
    flights.keyboard.press("Enter")
    expect(flights.locator("#drift-monitor")).to_contain_text("17 to 23 Jun 2013")


def test_the_left_end_of_a_row_is_its_columns_name(flights: Page) -> None:
    _focus_on_grid(flights)
    for key in ("ArrowDown", "Home", "ArrowLeft"):
        flights.keyboard.press(key)
    expect(flights.get_by_role("link", name="arr_delay", exact=True)).to_be_focused()
    flights.keyboard.press("ArrowRight")
    expect(flights.locator("#readout")).to_contain_text("arr_delay, 10 to 16 Jun 2013")


def test_drift_is_told_by_more_than_colour(flights: Page, hostile: Page) -> None:
    weights = flights.locator(".heat td.h2").first.evaluate(
        "cell => getComputedStyle(cell).fontWeight"
    )
    assert int(weights) >= 700
    mark = "cell => getComputedStyle(cell, '::after').content"
    assert "●" in hostile.locator(".heat.narrow td.h4").first.evaluate(mark)
    assert "●" not in hostile.locator(".heat.narrow td.h0").first.evaluate(mark)


def test_a_click_on_a_run_of_the_chart_leads_to_it(flights: Page) -> None:
    flights.locator("#lines .u-over").click(position={"x": 8, "y": 40})
    expect(flights.locator("#readout")).to_contain_text("Whole table, 10 to 16 Jun 2013")


def test_columns_join_and_leave_the_chart(flights: Page) -> None:
    legend = flights.locator("#lines .u-legend")
    expect(legend).to_contain_text("arr_delay")
    flights.get_by_role("button", name="Remove arr_delay").click()
    expect(legend).not_to_contain_text("arr_delay")
    flights.get_by_role("combobox", name="Column").select_option("carrier")
    expect(legend).to_contain_text("carrier")


def test_the_table_sorts_and_filters(flights: Page) -> None:
    assert _windows(flights)[0] == "24 to 30 Jun 2013"
    flights.get_by_role("button", name="Window").click()
    assert _windows(flights)[0] == "10 to 16 Jun 2013"
    assert flights.locator("th[data-by=run]").get_attribute("aria-sort") == "ascending"
    flights.get_by_role("button", name="Drifted").click()
    assert _windows(flights) == ["24 to 30 Jun 2013", "10 to 16 Jun 2013", "17 to 23 Jun 2013"]
    flights.get_by_label("Verdict").select_option("ok")
    assert len(_windows(flights)) == 2
    flights.get_by_label("Find").fill("17 to")
    assert _windows(flights) == ["17 to 23 Jun 2013"]
    expect(flights.locator("#runs [role=status]")).to_have_text("1 of 3 runs")


def test_the_csv_has_a_row_per_run_and_column_as_exact_as_the_json(
    flights: Page, folders: dict[str, Path]
) -> None:
    rows = _downloaded(flights)
    assert len(rows) == 3 * 19
    found = {row["column"]: row for row in rows if row["run_id"] == "20130701T093000Z"}
    result = json.loads((folders["flights"] / FLIGHTS / "drift.json").read_text())
    for column in result["columns"]:
        row = found[column["column"]]
        assert row["status"] == column["status"]
        assert (float(row["score"]) if row["score"] else None) == column["score"]


def test_the_csv_is_what_the_filter_leaves_and_no_formula(hostile: Page) -> None:
    hostile.get_by_label("Find").fill("24 Jun 2013 09:30 UTC")
    rows = _downloaded(hostile)
    columns = Counter(row["column"] for row in rows)
    assert columns["'=HYPERLINK(0)"] == 1
    assert columns['"><img src=x onerror=alert(2)>'] == 1
    assert len(rows) == 19


def _downloaded(page: Page) -> list[dict[str, str]]:
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    text = download.value.path().read_bytes().decode()
    assert text.count("\r\n") == text.count("\n")
    return list(csv.DictReader(text.splitlines()))


def test_a_long_history_is_paged_and_a_year_is_one_click_away(hostile: Page) -> None:
    pager = hostile.get_by_role("navigation", name="Stretch of the history")
    expect(pager).to_contain_text("200 runs, 7 Sep 2009 to 1 Jul 2013")
    pager.get_by_role("button", name="Older").click()
    expect(pager).to_contain_text("31 runs, 2 Feb 2009 to 31 Aug 2009")
    expect(pager.get_by_role("button", name="Older")).to_be_disabled()
    pager.get_by_role("button", name="Newer").click()
    expect(pager).to_contain_text("to 1 Jul 2013")
    pager.get_by_role("button", name="2010").click()
    expect(pager).to_contain_text("to 27 Dec 2010")
    pager.get_by_role("button", name="Newest").click()
    expect(pager).to_contain_text("to 1 Jul 2013")


def test_a_removed_report_is_told_of_and_not_linked(hostile: Page) -> None:
    removed = hostile.locator("#runs tbody tr").last
    expect(removed).to_contain_text("(report removed, the numbers stay)")
    assert removed.get_by_role("link").all_inner_texts() == ["JSON"]
    kept = hostile.locator("#runs tbody tr").first
    assert kept.get_by_role("link").count() == 2


def test_the_bar_leads_to_the_run_before_and_after(served: Sites, visit: Visit) -> None:
    page = visit(served["flights"]).page
    expect(page.get_by_role("link", name="Next run")).to_be_hidden()
    page.get_by_role("link", name="Previous run").click()
    expect(page.locator("#drift-monitor")).to_contain_text("17 to 23 Jun 2013")
    page.get_by_role("link", name="Previous run").click()
    expect(page.locator("#drift-monitor")).to_contain_text("10 to 16 Jun 2013")
    expect(page.get_by_role("link", name="Next run")).to_be_visible()
    expect(page.get_by_role("link", name="Previous run")).to_be_hidden()


def test_the_bar_says_when_the_run_before_has_no_report_any_more(
    served: Sites, visit: Visit
) -> None:
    page = visit(f"{served['hostile']}reports/hostile/20130107T093000Z/index.html").page
    before = page.get_by_role("link", name="Previous run (report removed)")
    expect(before).to_be_visible()
    before.click()
    expect(page).to_have_title("History of hostile · Drift Monitor")


def test_a_numbers_page_shows_which_way_it_moved(served: Sites, visit: Visit) -> None:
    page = visit(f"{served['flights']}{FLIGHTS}column.html#arr_delay").page
    expect(page.get_by_role("heading", level=1)).to_have_text("arr_delay")
    expect(page.locator("#verdict")).to_contain_text("score 0.775, threshold 0.2")
    expect(page.locator("#middle .u-legend")).to_contain_text("Reference's mean5.86")
    expect(page.locator("#nulls .u-legend")).to_contain_text("Current")
    expect(page.locator("#categories")).to_be_hidden()
    mean = page.locator("#sides tr", has_text="Mean")
    assert mean.inner_text().split() == ["Mean", "5.86", "38"]
    assert page.locator("#column-runs tr").count() == 3


def test_a_categorys_page_shows_what_is_new_and_gone(served: Sites, visit: Visit) -> None:
    page = visit(f"{served['flights']}{FLIGHTS}column.html#arr_delay").page
    page.get_by_label("Column").select_option("dest")
    expect(page.get_by_role("heading", level=1)).to_have_text("dest")
    assert page.url.endswith("#dest")
    expect(page.locator("#categories .u-legend")).to_contain_text("Gone")
    expect(page.locator("#middle")).to_be_hidden()
    expect(page.locator("#sides")).to_contain_text("Gone from current")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("arr_delay")


def test_a_column_that_is_gone_keeps_its_page(served: Sites, visit: Visit) -> None:
    page = visit(f"{served['hostile']}{HOSTILE}column.html#{quote('column 07')}").page
    expect(page.locator("#verdict")).to_contain_text("Not in the newest run's tables")
    expect(page.locator("#score .u-legend")).to_contain_text("Threshold")


def test_values_of_a_column_are_text(served: Sites, visit: Visit) -> None:
    page = visit(f"{served['hostile']}{HOSTILE}column.html#{quote(SCRIPT, safe='')}").page
    expect(page.locator("#sides").get_by_role("row", name=SCRIPT)).to_be_visible()


@pytest.mark.parametrize(
    ("now", "late"), [("2013-07-08T11:29:00Z", 0), ("2013-07-08T11:31:00Z", 3)]
)
def test_a_monitor_is_overdue_two_hours_after_its_time(
    now: str, late: int, served: Sites, visit: Visit
) -> None:
    page = visit(served["hostile"], now=now).page
    assert page.get_by_text("overdue").count() == late
    expect(page.locator(".card").first).to_contain_text("1 Jul 2013 09:30 UTC (last week)")


def test_the_worst_monitor_is_first(served: Sites, visit: Visit) -> None:
    page = visit(served["hostile"]).page
    names = page.locator(".card h2").all_inner_texts()
    assert names == ["blind", "hostile", "calm"]
    charts = [chart.get_attribute("aria-label") for chart in page.locator(".sparkline").all()]
    assert charts[2] == "Drifted columns in the last 2 runs: from 0% to 0%, last 0%"


def test_runs_without_data_are_told_from_those_without_drift(served: Sites, visit: Visit) -> None:
    page = visit(f"{served['gaps']}monitors/sales/history.html").page
    readout = _focus_on_grid(page)
    expect(readout).to_contain_text("Whole table, 17 to 23 Jun 2013: no data")
    page.keyboard.press("ArrowDown")
    expect(readout).to_contain_text("x, 17 to 23 Jun 2013: no data")
    page.keyboard.press("ArrowLeft")
    expect(readout).to_contain_text("x, 10 Jun 2013 09:30 to 17 Jun 2013 09:30 UTC: drifted")
    rows = page.locator("#runs tbody tr")
    expect(rows.first).to_contain_text("no data\t\N{EN DASH}\t12", use_inner_text=True)
    page.get_by_label("Verdict").select_option("no_data")
    assert _windows(page) == ["17 to 23 Jun 2013", "3 to 9 Jun 2013"]


def test_runs_without_data_are_in_the_csv(served: Sites, visit: Visit) -> None:
    page = visit(f"{served['gaps']}monitors/sales/history.html").page
    page.get_by_label("Verdict").select_option("no_data")
    rows = _downloaded(page)
    assert [(row["verdict"], row["current_rows"], row["column"]) for row in rows] == [
        ("no_data", "0", ""),
        ("no_data", "12", ""),
    ]


def test_columns_stay_in_the_order_of_the_newest_run_that_had_data(
    served: Sites, visit: Visit
) -> None:
    page = visit(f"{served['gaps']}monitors/sales/history.html").page
    names = page.locator(".heat tbody th").all_inner_texts()
    assert names[:2] == ["Whole table", "x"]


def test_a_columns_page_shows_the_newest_run_that_had_data(served: Sites, visit: Visit) -> None:
    page = visit(f"{served['gaps']}monitors/sales/column.html#x").page
    expect(page.locator("#verdict")).to_contain_text("drifted")
    expect(page.locator("#verdict")).to_contain_text("10 Jun 2013 09:30 to 17 Jun 2013")
    assert page.get_by_label("Column").locator("option").all_inner_texts() == ["x", "y", "z"]
    expect(page.locator("#sides table").first).to_be_visible()


def test_a_monitor_without_data_comes_first_and_says_so(served: Sites, visit: Visit) -> None:
    page = visit(served["gaps"]).page
    card = page.locator(".card").first
    expect(card).to_contain_text("sales")
    expect(card.locator(".verdict").first).to_have_text("no data")
    expect(card).to_contain_text("nothing was compared")
    chart = card.locator(".sparkline").get_attribute("aria-label") or ""
    assert chart.startswith("Drifted columns in the last 4 runs, 2 without data: from 0% to 33%")


def test_a_file_that_cannot_be_read_is_told_of(served: Sites, visit: Visit) -> None:
    visitor = visit(served["flights"])
    visitor.page.route("**/history/2013.json", lambda route: route.fulfill(status=403))
    visitor.go(f"{served['flights']}{FLIGHTS}history.html")
    said = visitor.page.get_by_role("alert").inner_text()
    assert said == (
        "history/2013.json could not be read: the site answers 403. Reload the page to try again."
    )
    assert any("403" in complaint for complaint in visitor.complaints)
    visitor.complaints.clear()
