"""The dashboard: what each widget asks CloudWatch for, for one monitor and for many."""

import json
from functools import cache
from itertools import combinations
from typing import Any

import pytest
from synthesis import STACK, Scenario, Template, folded, monitor, synthesize

from stacks.detector import METRICS_NAMESPACE

MANY = tuple(monitor(f"table-{number:02}", column_metrics=True) for number in range(40))


def page(template: Template) -> dict[str, Any]:
    """Return the dashboard's JSON, each reference in it as ${ITS TARGET}."""
    return json.loads(folded(template.properties("AWS::CloudWatch::Dashboard")["DashboardBody"]))


@cache
def many() -> Template:
    return synthesize(Scenario(MANY))


def widgets(template: Template) -> dict[str, dict[str, Any]]:
    """Return the widgets' properties by title."""
    found = [widget["properties"] for widget in page(template)["widgets"]]
    return {each["title"]: each for each in found if "title" in each}


def lines(widget: dict[str, Any]) -> list[tuple[str, str, dict[str, str], str]]:
    """Return namespace, metric, dimensions and statistic of each metric that a widget draws."""
    found = []
    for *names, options in widget["metrics"]:
        if names:
            namespace, metric, *dimensions = names
            pairs = dict(zip(dimensions[::2], dimensions[1::2], strict=True))
            found.append((namespace, metric, pairs, options["stat"]))
    return found


@pytest.mark.parametrize(
    ("title", "metric", "statistic"),
    [
        ("Share of columns that drifted", "DriftedShare", "Maximum"),
        ("Columns that drifted", "DriftedColumns", "Maximum"),
        ("Checks that failed", "FailedChecks", "Maximum"),
        ("Runs without data", "RunsWithoutData", "Sum"),
        ("Rows of current", "CurrentRows", "Minimum"),
    ],
)
def test_each_monitor_has_its_line(
    two_teams: Template, title: str, metric: str, statistic: str
) -> None:
    widget = widgets(two_teams)[title]
    assert lines(widget) == [
        (METRICS_NAMESPACE, metric, {"service": STACK, "monitor": name}, statistic)
        for name in ("flights", "weather")
    ]
    assert [options["label"] for *_, options in widget["metrics"]] == ["flights", "weather"]


def test_share_stands_beside_what_counts_as_drift() -> None:
    template = synthesize(
        Scenario(
            (
                monitor("flights", drift={"drifted_share": 0.4}),
                monitor("weather", drift={"judge": "evidently"}),
                monitor("sales"),  # where one column is enough
            )
        )
    )
    (low, high) = widgets(template)["Share of columns that drifted"]["annotations"]["horizontal"]
    assert (low["value"], low["label"]) == (0.4, "the table drifted: flights")
    assert (high["value"], high["label"]) == (0.5, "the table drifted: weather")


def test_many_monitors_with_one_threshold_are_counted_not_named() -> None:
    monitors = (monitor(f"m{number}", drift={"drifted_share": 0.4}) for number in range(9))
    widget = widgets(synthesize(Scenario(tuple(monitors))))["Share of columns that drifted"]
    (line,) = widget["annotations"]["horizontal"]
    assert line["label"] == "the table drifted: 9 monitors"


def test_runs_are_summed_over_all_monitors(two_teams: Template) -> None:
    widget = widgets(two_teams)["Attempts to run"]
    drawn = {options["label"]: options for *names, options in widget["metrics"] if not names}
    assert drawn["succeeded"]["expression"] == 'FILL(SUM(METRICS("succeeded")), 0)'
    assert drawn["failed"]["expression"] == (
        'FILL(SUM(METRICS("ended")) - SUM(METRICS("succeeded")), 0)'
    )
    hidden = {options["id"]: options for *names, options in widget["metrics"] if names}
    assert {name: options["stat"] for name, options in hidden.items()} == {
        "succeeded0": "Sum",
        "succeeded1": "Sum",
        "ended0": "SampleCount",
        "ended1": "SampleCount",
    }
    assert not any(options["visible"] for options in hidden.values())
    assert {tuple(each[2].items()) for each in lines(widget)} == {
        (("monitor", name), ("service", STACK)) for name in ("flights", "weather")
    }


def test_duration_stands_beside_the_functions_timeout(template: Template) -> None:
    (function,) = template.of_type("AWS::Lambda::Function")
    widget = widgets(template)["Longest run of the day, in seconds"]
    run = {"service": STACK, "monitor": "flights"}
    assert lines(widget) == [
        (METRICS_NAMESPACE, "RunDuration", run, "Maximum"),
        ("AWS/Lambda", "Duration", {"FunctionName": f"${{{function}}}"}, "Maximum"),
    ]
    (timeout,) = widget["annotations"]["horizontal"]
    assert timeout["value"] == template.properties("AWS::Lambda::Function")["Timeout"]
    assert "milliseconds / 1000" in [options.get("expression") for *_, options in widget["metrics"]]


def test_failures_are_those_of_the_alarms(template: Template) -> None:
    for title, metric in {
        "Function errors": "Errors",
        "Dead letters": "ApproximateNumberOfMessagesVisible",
        "Overdue monitors": "OverdueMonitors",
    }.items():
        ((namespace, name, dimensions, statistic),) = lines(widgets(template)[title])
        alarm = template.alarm(metric)
        assert (namespace, name) == (alarm["Namespace"], metric)
        assert statistic == alarm["Statistic"]
        assert dimensions == {each["Name"]: folded(each["Value"]) for each in alarm["Dimensions"]}


def test_each_alarms_state_is_shown(template: Template) -> None:
    (status,) = (each for each in page(template)["widgets"] if each["type"] == "alarm")
    assert status["properties"]["alarms"] == [
        f"${{{alarm}.Arn}}" for alarm in template.of_type("AWS::CloudWatch::Alarm")
    ]


@pytest.mark.parametrize("title", ["Latest errors", "Memory of the function, in MB"])
def test_queries_read_the_functions_own_logs(template: Template, title: str) -> None:
    (group,) = template.of_type("AWS::Logs::LogGroup")
    assert widgets(template)[title]["query"].startswith(f"SOURCE '${{{group}}}' | ")


def test_scores_are_searched_for_the_monitor_that_reports_them(everything: Template) -> None:
    (search,) = widgets(everything)["flights: score of each column"]["metrics"]
    (options,) = search
    assert options["expression"] == (
        'SEARCH(\'{DriftMonitor,service,monitor,column} MetricName="DriftScore" '
        f'service="{STACK}" monitor="flights"\', \'Maximum\', 86400)'
    )


def test_scores_that_nobody_reports_have_no_widget(template: Template) -> None:
    assert not any("score" in title for title in widgets(template))


def test_words_say_where_the_site_and_the_runbook_are(
    template: Template, everything: Template
) -> None:
    (bucket,) = template.of_type("AWS::S3::Bucket")
    words = page(template)["widgets"][0]["properties"]["markdown"]
    assert f"(${{{bucket}.WebsiteURL}})" in words
    assert "`docs/runbook.md`" in words
    linked = page(everything)["widgets"][0]["properties"]["markdown"]
    assert "[runbook](https://example.com/drift/runbook)" in linked


def test_many_monitors_stay_within_cloudwatchs_limits() -> None:
    found = page(many())["widgets"]
    counts = [len(widget["properties"].get("metrics", [])) for widget in found]
    assert max(counts) <= 500
    assert sum(counts) <= 2500
    assert len(found) <= 500
    expressions = [
        options["expression"]
        for widget in found
        for *_, options in widget["properties"].get("metrics", [])
        if "expression" in options
    ]
    assert max(map(len, expressions)) <= 1024


@pytest.mark.parametrize("many_monitors", [False, True])
def test_widgets_fill_the_width_and_lie_beside_each_other(
    template: Template, *, many_monitors: bool
) -> None:
    found = page(many() if many_monitors else template)["widgets"]
    for one, other in combinations(found, 2):
        beside = one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
        above = one["y"] + one["height"] <= other["y"] or other["y"] + other["height"] <= one["y"]
        assert beside or above
    rows: dict[int, int] = {}
    for widget in found:
        rows[widget["y"]] = rows.get(widget["y"], 0) + widget["width"]
    assert set(rows.values()) == {24}


def test_page_shows_a_quarter_of_a_year_by_the_day(template: Template) -> None:
    # Left to CloudWatch, so long a time would be drawn by the hour, and a week's run be lost in it.
    assert page(template)["start"] == "-P91D"
    assert page(template)["periodOverride"] == "inherit"
    periods = {
        options["period"]
        for widget in page(template)["widgets"]
        for *_, options in widget["properties"].get("metrics", [])
    }
    assert periods == {24 * 60 * 60}


def test_output_is_the_pages_address(template: Template) -> None:
    (name,) = template.of_type("AWS::CloudWatch::Dashboard")
    assert folded(template.body["Outputs"]["DashboardUrl"]["Value"]) == (
        "https://${AWS::Region}.console.aws.amazon.com/cloudwatch/home?region=${AWS::Region}"
        f"#dashboards/dashboard/${{{name}}}"
    )
