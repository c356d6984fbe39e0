"""A monitor's own parts, and the event that carries it."""

import json

import pytest
from pydantic import ValidationError

from drift_monitor.config.drift import Drift, DriftRule
from drift_monitor.config.events import run_event
from drift_monitor.config.monitor import Alerts, Columns, Monitor, Roles
from drift_monitor.config.tables import CurrentTable, ReferenceTable


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
        drift=Drift(columns={"d": DriftRule(), "e_?": DriftRule()}),
    )
    assert monitor.named_columns == set("abpyitd")


@pytest.mark.parametrize("address", ["nobody", "a@b", "a b@c.de", "a@b@c.de", "<a@b.de>", ""])
def test_what_is_no_email_address_is_refused(address: str) -> None:
    with pytest.raises(ValidationError, match="is not an email address"):
        Alerts(emails=[address])


def test_the_event_is_json_that_brings_the_monitor_back() -> None:
    monitor = Monitor(
        name="m",
        reference=_REFERENCE,
        current=_CURRENT,
        drift=Drift(numeric=DriftRule(method="wasserstein", threshold=0.3)),
    )
    event = json.loads(json.dumps(run_event(monitor, "<aws.events.event.time>", "<id>")))
    assert Monitor.model_validate(event["monitor"]) == monitor
    assert (event["scheduled_at"], event["event_id"]) == ("<aws.events.event.time>", "<id>")


_REFERENCE = ReferenceTable(location="s3://bucket/reference.parquet")
_CURRENT = CurrentTable(location="s3://bucket/current/")
