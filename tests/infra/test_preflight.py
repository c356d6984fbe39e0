"""What deploys on paper and fails in the account is refused before."""

import json
from typing import Any

import pytest
from synthesis import SCENARIOS, Scenario, Template, app_of, delivered, monitor, synthesize

from drift_monitor.config.events import run_event
from drift_monitor.config.monitor import Monitor
from drift_monitor.errors import DriftMonitorError
from stacks.preflight import ID, MAX_INPUT, TIME, check, input_size, warnings
from stacks.settings import DeploymentSettings


def mistakes(*monitors: Monitor, **settings: object) -> list[str]:
    with pytest.raises(DriftMonitorError) as found:
        check(monitors, DeploymentSettings.model_validate(settings))
    return str(found.value).splitlines()


def wide(columns: int) -> Monitor:
    return monitor("wide", columns={"include": [f"column_{n:05}" for n in range(columns)]})


def templates_of(template: Template) -> list[str]:
    rules = template.of_type("AWS::Events::Rule").values()
    return [
        target["InputTransformer"]["InputTemplate"]
        for rule in rules
        for target in rule["Properties"]["Targets"]
    ]


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_what_deploys_passes(scenario: Scenario) -> None:
    check(scenario.monitors, DeploymentSettings.model_validate(scenario.settings))


@pytest.mark.parametrize("side", ["reference", "current"])
def test_local_path_is_refused_as_lambda_cannot_read_it(side: str) -> None:
    (mistake,) = mistakes(monitor("flights", **{side: {"location": "data/flights.csv"}}))
    assert mistake == (
        f"monitor flights: {side}.location: data/flights.csv is a local path, which Lambda cannot "
        "read: write s3://BUCKET/KEY"
    )


def test_transform_that_the_image_will_lack_is_refused() -> None:
    (mistake,) = mistakes(monitor("flights", transform="examples/flights.py"))
    assert mistake == (
        "monitor flights: transform: examples/flights.py is not in lambda_src/transforms, and the "
        "image has no other: put it there"
    )
    check([monitor("flights", transform="flown.py")], DeploymentSettings())


@pytest.mark.parametrize("engine", ["columns", "spark"])
@pytest.mark.parametrize("side", ["reference", "current"])
def test_format_whose_library_the_image_lacks_is_refused(side: str, engine: str) -> None:
    table = {"location": "s3://lake/t/", "format": {"type": "delta"}}
    flights = monitor("flights", **{side: table}).model_copy(update={"engine": engine})
    (mistake,) = mistakes(flights, extras=["iceberg"])
    assert mistake == (
        f"monitor flights: {side}.format: the image reads delta tables only if cdk.json says so: "
        '"extras": ["delta"]'
    )
    check([flights], DeploymentSettings(extras=["delta"]))


@pytest.mark.parametrize(
    "fields",
    [
        {"columns": {"exclude": ["age<18"]}},
        {"columns": {"roles": {"target": "age<18"}}},
        {"drift": {"columns": {"age<18": {"threshold": 0.2}}}},
        {"reference": {"location": "s3://tables/age<18/reference.csv"}},
    ],
)
def test_angle_brackets_are_refused_wherever_they_are(fields: dict[str, Any]) -> None:
    (mistake,) = mistakes(monitor("people", **fields))
    assert "age<18" in mistake
    assert "write ? instead" in mistake


def test_closing_angle_bracket_is_refused_too() -> None:
    (mistake,) = mistakes(monitor("people", columns={"exclude": ["age>65"]}))
    assert "age>65 has < or >" in mistake


@pytest.mark.parametrize(
    ("monitors", "settings"),
    [
        ([monitor("a", alerts={"emails": ["Me@example.com", "me@example.com"]})], {}),
        (
            [
                monitor("a", alerts={"emails": ["Me@example.com"]}),
                monitor("b", alerts={"emails": ["me@example.com"]}),
            ],
            {},
        ),
        (
            [monitor("a", alerts={"emails": ["Me@example.com"]}), monitor("b")],
            {"emails": ["me@example.com"]},
        ),
    ],
    ids=["one monitor", "two monitors", "a monitor and the settings"],
)
def test_addresses_that_differ_only_in_case_are_refused(
    monitors: list[Monitor], settings: dict[str, Any]
) -> None:
    (mistake,) = mistakes(*monitors, **settings)
    assert mistake.startswith("Me@example.com and me@example.com differ only in case")


def test_default_address_that_nobody_gets_clashes_with_none() -> None:
    named = monitor("a", alerts={"emails": ["Me@example.com"]})
    check([named], DeploymentSettings(emails=["me@example.com"]))


def test_configuration_beyond_a_rules_input_is_refused_with_advice() -> None:
    (mistake,) = mistakes(wide(600))
    assert "takes 8,192: name columns by glob" in mistake


def test_longest_configuration_that_fits_is_taken() -> None:
    longest = max(range(600), key=lambda columns: size_if_it_fits(wide(columns)))
    check([wide(longest)], DeploymentSettings())
    assert mistakes(wide(longest + 1))


def size_if_it_fits(candidate: Monitor) -> int:
    size = input_size(run_event(candidate, TIME, ID))
    return size if size <= MAX_INPUT else 0


@pytest.mark.parametrize(
    "fields",
    [{}, {"columns": {"include": ["Größe", "😀", 'a"b', "a\\b"]}}, {"drift": {"drifted_share": 1}}],
)
def test_counted_input_is_what_the_template_has(fields: dict[str, Any]) -> None:
    candidate = monitor("flights", **fields)
    longest = max(templates_of(synthesize(Scenario((candidate,)))), key=len)
    # JavaScript writes 1.0 as 1: counting two more is on the safe side.
    assert 0 <= input_size(run_event(candidate, TIME, ID)) - len(longest) <= 2


def test_more_monitors_than_one_look_can_name_are_refused_with_advice() -> None:
    (mistake,) = mistakes(*(monitor(f"table-{n:03}-{'x' * 30}") for n in range(120)))
    assert mistake.startswith("120 monitors are too many for one environment")
    assert "an environment of their own" in mistake


def test_all_mistakes_are_said_at_once() -> None:
    local = monitor("local", reference={"location": "a.csv"}, current={"location": "b.csv"})
    odd = monitor("odd", columns={"exclude": ["<a>"]})
    assert len(mistakes(local, odd)) == 3


def test_stack_cannot_be_made_without_the_check() -> None:
    with pytest.raises(DriftMonitorError, match="local path"):
        app_of(Scenario((monitor("flights", reference={"location": "a.csv"}),)))


def test_placeholder_bucket_is_a_warning() -> None:
    example = monitor("flights", reference={"location": "s3://amzn-s3-demo-bucket/a.csv"})
    found = warnings([example, monitor("weather")], DeploymentSettings(emails=["a@example.com"]))
    assert list(found) == ["drift-monitor:placeholder-bucket:flights"]
    assert "put your own bucket in its file" in next(iter(found.values()))


def test_emails_to_nobody_are_a_warning() -> None:
    assert list(warnings([monitor("flights")], DeploymentSettings())) == [
        "drift-monitor:nobody-is-told"
    ]


def test_ipv6_addresses_that_cannot_reach_a_website_are_a_warning() -> None:
    written = {"allow_ips": ["203.0.113.0/24", "2001:db8::/32"], "emails": ["a@example.com"]}
    for access, expected in (("allowlist", ["drift-monitor:ipv6-readers"]), ("cloudfront", [])):
        settings = DeploymentSettings.model_validate({"access": access, **written})
        found = warnings([monitor("flights")], settings)
        assert list(found) == expected
        assert all("2001:db8::/32 will let nobody in" in text for text in found.values())


def test_deploy_gives_the_warnings_and_says_that_the_site_is_public() -> None:
    example = monitor("flights", reference={"location": "s3://amzn-s3-demo-bucket/a.csv"})
    folder = synthesize(Scenario((example,))).folder
    (report,) = json.loads((folder / "validation-report.json").read_text())["pluginReports"]
    said = {found["ruleName"]: found["severity"] for found in report["violations"]}
    assert said == {
        "Annotation::drift-monitor:placeholder-bucket:flights": "warning",
        "Annotation::drift-monitor:nobody-is-told": "warning",
        "Annotation::drift-monitor:public-site": "warning",
    }


def test_input_is_still_json_when_delivered() -> None:
    rule = synthesize(Scenario((wide(300),))).rule("SchedulewideScheduled")
    assert len(delivered(rule, {"id": "1", "time": "2"})["monitor"]["columns"]["include"]) == 300
