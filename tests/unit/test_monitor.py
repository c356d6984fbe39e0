import json
from typing import Any

import pytest
from pydantic import ValidationError

from drift_monitor.drift.methods import METHODS, Kind
from drift_monitor.drift_rules import Drift, DriftRule
from drift_monitor.monitor import (
    Alerts,
    Columns,
    Monitor,
    Roles,
    run_event,
)
from drift_monitor.monitored_tables import CurrentTable, ReferenceTable

DISTANCE = DriftRule(method="wasserstein", threshold=0.3)
P_VALUE = DriftRule(method="ks", threshold=0.01)


def _drift(**rules: Any) -> Drift:  # noqa: ANN401 - the model validates them
    return Drift.model_validate(rules)


@pytest.mark.parametrize(
    "model", [Monitor, ReferenceTable, CurrentTable, Columns, Roles, Drift, DriftRule, Alerts]
)
def test_no_part_of_a_monitor_takes_an_unknown_key(model: type[Monitor]) -> None:
    with pytest.raises(ValidationError) as caught:
        model.model_validate({"surprise": 1})
    assert ("extra_forbidden", ("surprise",)) in [
        (error["type"], error["loc"]) for error in caught.value.errors()
    ]


@pytest.mark.parametrize("name", ["a", "flights", "a-1", "x" * 48, "2013"])
def test_a_name_that_is_a_folder_on_the_site_is_taken(name: str) -> None:
    assert Monitor(name=name, reference=_REFERENCE, current=_CURRENT).name == name


@pytest.mark.parametrize(
    "name", ["", "Flights", "a b", "-a", "a-", "a/b", "..", "ü", "x" * 49, "a\n", "a.b", "<b>"]
)
def test_a_name_that_is_no_safe_folder_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="name"):
        Monitor(name=name, reference=_REFERENCE, current=_CURRENT)


def test_an_exact_name_wins_over_globs_and_the_earlier_glob_over_the_later() -> None:
    drift = _drift(
        columns={
            "*_delay": {"threshold": 0.1},
            "dep_*": {"threshold": 0.2},
            "dep_delay": {"threshold": 0.3},
        }
    )
    found = {
        column: drift.rule_for(column, Kind.NUMERIC).threshold
        for column in ("dep_delay", "arr_delay", "dep_time", "distance")
    }
    assert found == {"dep_delay": 0.3, "arr_delay": 0.1, "dep_time": 0.2, "distance": None}


def test_a_rule_by_column_wins_over_its_kinds_which_wins_over_the_default() -> None:
    drift = _drift(
        default={"method": "psi"}, numeric={"method": "ks"}, columns={"x": {"method": "ed"}}
    )
    assert drift.rule_for("x", Kind.NUMERIC).method == "ed"
    assert drift.rule_for("y", Kind.NUMERIC).method == "ks"
    assert drift.rule_for("y", Kind.CATEGORICAL).method == "psi"


def test_without_rules_evidently_chooses() -> None:
    assert Drift().rule_for("x", Kind.NUMERIC) == DriftRule(method=None, threshold=None)


def test_a_column_whose_name_is_a_glob_can_be_named_exactly() -> None:
    drift = _drift(columns={"price[EUR]": {"threshold": 0.4}})
    assert drift.rule_for("price[EUR]", Kind.NUMERIC).threshold == 0.4


def test_patterns_mind_the_case() -> None:
    drift = _drift(columns={"*_Delay": {"threshold": 0.4}})
    assert drift.rule_for("dep_delay", Kind.NUMERIC).threshold is None


@pytest.mark.parametrize(
    ("rules", "wanted"),
    [
        pytest.param(
            {"numeric": DISTANCE, "columns": {"x": {"threshold": 0.5}}},
            DriftRule(method="wasserstein", threshold=0.5),
            id="a narrower threshold counts for the wider rule's method",
        ),
        pytest.param(
            {"numeric": DISTANCE, "columns": {"x": {"method": "ks"}}},
            DriftRule(method="ks", threshold=None),
            id="a wider threshold does not count for a narrower rule's method",
        ),
        pytest.param(
            {"default": {"threshold": 0.2}, "numeric": {"method": "ks"}},
            DriftRule(method="ks", threshold=None),
            id="nor does the default's",
        ),
        pytest.param(
            {"numeric": DISTANCE, "columns": {"x": P_VALUE}},
            P_VALUE,
            id="method and threshold of one rule stay together",
        ),
        pytest.param(
            {"default": {"method": "psi"}, "numeric": {"threshold": 0.4}},
            DriftRule(method="psi", threshold=0.4),
            id="a kind's threshold counts for the default's method",
        ),
        pytest.param(
            {"default": {"method": "psi", "threshold": 0.9}, "columns": {"x": {"threshold": 0}}},
            DriftRule(method="psi", threshold=0),
            id="zero is a threshold",
        ),
        pytest.param(
            {"default": {"threshold": 0.2}, "numeric": {"threshold": 0.4}},
            DriftRule(method=None, threshold=0.4),
            id="without any method the narrowest threshold counts",
        ),
    ],
)
def test_a_threshold_belongs_to_its_method(rules: dict[str, Any], wanted: DriftRule) -> None:
    assert _drift(**rules).rule_for("x", Kind.NUMERIC) == wanted


@pytest.mark.parametrize("method", sorted(METHODS))
def test_a_kinds_method_must_score_that_kind(method: str) -> None:
    for part, kind in (("numeric", Kind.NUMERIC), ("categorical", Kind.CATEGORICAL)):
        if kind in METHODS[method].kinds:
            assert getattr(_drift(**{part: {"method": method}}), part).method == method
            continue
        with pytest.raises(ValidationError, match=f"{method} does not score {kind} columns"):
            _drift(**{part: {"method": method}})


def test_the_default_method_must_score_every_kind() -> None:
    with pytest.raises(ValidationError, match=r"default\.method: ks does not score categorical"):
        _drift(default={"method": "ks"})


@pytest.mark.parametrize("threshold", [-0.1, float("nan"), float("inf"), "high"])
def test_a_threshold_is_a_number_from_zero(threshold: object) -> None:
    with pytest.raises(ValidationError, match="threshold"):
        DriftRule.model_validate({"threshold": threshold})


@pytest.mark.parametrize(
    ("share", "is_taken"), [(0, False), (0.01, True), (1, True), (1.01, False)]
)
def test_the_drifted_share_is_above_zero_and_at_most_one(share: float, *, is_taken: bool) -> None:
    if is_taken:
        assert Drift(drifted_share=share).drifted_share == share
        return
    with pytest.raises(ValidationError, match="drifted_share"):
        Drift(drifted_share=share)


def test_the_reference_takes_no_date() -> None:
    with pytest.raises(ValidationError, match="a reference's location takes no"):
        ReferenceTable(location="t/{date:%Y-%m-%d}.csv")


@pytest.mark.parametrize(
    ("location", "window", "sentence"),
    [
        ("t/{date:%Y-%m-%d}.csv", None, "needs a window, such as window: 7d"),
        ("t.csv", "7d", "a window needs {date:…} in the location"),
        ("t/{date:%Y-%m-%d}.csv", "23h", "a window of 23h is no whole number of days, and one"),
        ("t/{date:%Y-%m-%d}.csv", "36h", "a window of 36h is no whole number of days, and one"),
        ("t/{date:%Y-%m}.csv", "4w", "a window of 4w is no whole number of months, and one"),
        ("t/{date:%G-%V}.csv", "10d", "a window of 10d is no whole number of weeks, and one"),
        ("t/{date:%G-%V}.csv", "1mo", "a window of 1mo is no whole number of weeks, and one"),
        ("t/{date:%Y}.csv", "6mo", "a window of 6mo is no whole number of years, and one"),
        ("t/{date:%d}.csv", "7d", "add what tells them apart, such as %Y"),
    ],
)
def test_window_and_date_go_together(location: str, window: str | None, sentence: str) -> None:
    with pytest.raises(ValidationError) as caught:
        CurrentTable(location=location, window=window)
    assert sentence in str(caught.value)


@pytest.mark.parametrize("window", ["7", "d", "0d", "-1d", "1.5d", "7 d", "7m", "99999d", "7D"])
def test_a_window_is_a_number_with_its_unit(window: str) -> None:
    with pytest.raises(ValidationError, match="window"):
        CurrentTable(location="t/{date:%Y-%m-%d}.csv", window=window)


@pytest.mark.parametrize(
    ("location", "window"),
    [
        ("t/{date:%Y-%m-%d}.csv", "24h"),
        ("t/{date:%Y-%m-%d}.csv", "3mo"),
        ("t/{date:%G-%V}.csv", "4w"),
        ("t/{date:%G-%V}.csv", "14d"),
        ("t/{date:%G-%V}.csv", "336h"),
        ("t/{date:%Y-%m}.csv", "1mo"),
        ("t/{date:%Y}.csv", "24mo"),
    ],
)
def test_a_window_is_whole_partitions(location: str, window: str) -> None:
    assert CurrentTable(location=location, window=window).window == window


@pytest.mark.parametrize("location", ["t.csv", "t/", "t/{date:%Y-%m}/"])
def test_with_a_timestamp_any_window_will_do(location: str) -> None:
    assert CurrentTable(location=location, window="36h", timestamp="t").timestamp == "t"


@pytest.mark.parametrize("part", [{"delay": "6h"}, {"timezone": "UTC"}, {"timestamp": "t"}])
def test_what_belongs_to_a_window_is_not_said_without_one(part: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match=f"{next(iter(part))}: only with a window, such as"):
        CurrentTable.model_validate({"location": "t.csv", **part})


@pytest.mark.parametrize(
    ("zone", "sentence"),
    [
        ("Europe/Berln", "Europe/Berln is not the name of a time zone; did you mean Europe/Berlin"),
        ("Europe", "Europe is not the name of a time zone"),
        ("../etc/passwd", "is not the name of a time zone"),
        ("", "is not the name of a time zone, such as Europe/Berlin"),
    ],
)
def test_a_time_zone_has_a_name_that_is_known(zone: str, sentence: str) -> None:
    with pytest.raises(ValidationError) as caught:
        CurrentTable(location="t/{date:%Y-%m-%d}/", window="7d", timezone=zone)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("reference", "sentence"),
    [
        ({}, "give a location, or a window of current's table, such as previous"),
        ({"location": "r.csv", "window": "previous"}, "give a location, or a window of current's"),
        ({"window": "last"}, "string_pattern_mismatch"),
        ({"window": "7"}, "string_pattern_mismatch"),
        (
            {"window": "previous", "format": {"type": "csv"}},
            "with a window the files are current's",
        ),
        ({"window": "previous", "wait_for_success": True}, "with a window the files are current's"),
    ],
)
def test_a_reference_is_pinned_or_a_window(reference: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError) as caught:
        ReferenceTable.model_validate(reference)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("window", "current", "sentence"),
    [
        ("previous", {"location": "c.csv"}, "the reference's window (previous) is counted from"),
        (
            "90d",
            {"location": "t/{date:%Y-%m}/", "window": "1mo"},
            "a window of 90d is no whole number of months",
        ),
    ],
)
def test_a_references_window_is_one_of_currents_table(
    window: str, current: dict[str, str], sentence: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        Monitor.model_validate({"name": "m", "reference": {"window": window}, "current": current})
    assert sentence in str(caught.value)
    (error,) = caught.value.errors()
    assert error["loc"] == ("current",)


def test_columns_are_included_then_excluded_by_name_or_glob() -> None:
    columns = Columns(include=["*_delay", "carrier", "x[1]"], exclude=["dep_*"])
    names = ["dep_delay", "arr_delay", "carrier", "x[1]", "x1", "Carrier"]
    assert [name for name in names if columns.includes(name)] == [
        "arr_delay",
        "carrier",
        "x[1]",
        "x1",
    ]


def test_each_role_is_known() -> None:
    roles = Roles(prediction="p", target="y", id=["a", "b"], timestamp="t")
    columns = Columns(roles=roles)
    assert {name: columns.role_of(name) for name in "pyabtx"} == {
        "p": "prediction",
        "y": "target",
        "a": "id",
        "b": "id",
        "t": "timestamp",
        "x": "covariate",
    }


def test_named_columns_are_those_without_a_wildcard() -> None:
    monitor = Monitor(
        name="m",
        reference=_REFERENCE,
        current=_CURRENT,
        columns=Columns(
            include=["*", "a"],
            exclude=["gone"],
            categorical=["b", "c_*"],
            roles=Roles(prediction="p", target="y", id=["i"], timestamp="t"),
        ),
        drift=_drift(columns={"d": {}, "e_?": {}}),
    )
    assert monitor.named_columns == set("abpyitd")


@pytest.mark.parametrize("address", ["nobody", "a@b", "a b@c.de", "a@b@c.de", "<a@b.de>", ""])
def test_what_is_no_email_address_is_refused(address: str) -> None:
    with pytest.raises(ValidationError, match="is not an email address"):
        Alerts(emails=[address])


def test_the_event_is_json_that_brings_the_monitor_back() -> None:
    monitor = Monitor(
        name="m", reference=_REFERENCE, current=_CURRENT, drift=_drift(numeric=DISTANCE)
    )
    event = json.loads(json.dumps(run_event(monitor, "<aws.events.event.time>", "<id>")))
    assert Monitor.model_validate(event["monitor"]) == monitor
    assert (event["scheduled_at"], event["event_id"]) == ("<aws.events.event.time>", "<id>")


_REFERENCE = ReferenceTable(location="s3://bucket/reference.parquet")
_CURRENT = CurrentTable(location="s3://bucket/current/")
