"""A reviewed change: what `cdk diff` shows of it, and what a second deploy makes of it."""

import re

from deployment import Deployed, Project

MONDAY = "2026-11-23T09:30:00Z"


def change_threshold(project: Project) -> None:
    """Raise the threshold of the delays' drift, as a pull request would."""
    file = project.folder / "monitors" / "flights.yaml"
    text = file.read_text()
    changed = text.replace('"*_delay": {threshold: 0.2}', '"*_delay": {threshold: 0.35}')
    assert changed != text
    file.write_text(changed)


def threshold(deployed: Deployed, rule: str) -> float:
    event = deployed.event(rule, MONDAY)
    return event["monitor"]["drift"]["columns"]["*_delay"]["threshold"]


def changed(diff: str) -> list[tuple[str, str]]:
    """Return the resources of a diff: type and logical id, without its hash."""
    return re.findall(r"^\[.\] (\S+) \S+ (\w+?)[0-9A-F]{8}", diff, re.MULTILINE)


def test_a_change_is_shown_before_and_deployed_after_and_nothing_beside_it(
    project: Project, deployed: Deployed
) -> None:
    # 0 is --fail's code for no difference, 1 for any.
    assert "There were no differences" in project.cdk("diff", deployed.name, "--fail")
    assert threshold(deployed, "ScheduleflightsScheduled") == 0.2

    change_threshold(project)
    rules = [
        ("AWS::Events::Rule", "ScheduleflightsScheduled"),
        ("AWS::Events::Rule", "ScheduleflightsDeployed"),
    ]
    assert changed(project.cdk("diff", deployed.name, "--fail", code=1)) == rules
    # As `make diff`: by a change set, as above, the CDK leaves the metadata's fields out.
    said = project.cdk("diff", deployed.name, "--method=template", "--fail", code=1)
    assert changed(said) == rules
    fields = re.findall(r"\[.\] (?:\.(\S+):|([\d.]+))$", said, re.MULTILINE)
    assert [name or value for name, value in fields] == [
        *("Monitor", "drift", "columns", "*_delay", "threshold"),
        *("0.2", "0.35"),
    ]

    before = deployed.function()
    again = project.deploy(deployed.name)
    assert threshold(again, "ScheduleflightsScheduled") == 0.35
    assert threshold(again, "ScheduleflightsDeployed") == 0.35
    assert again.resources == deployed.resources
    assert again.function()["Code"] == before["Code"]
    assert "There were no differences" in project.cdk("diff", deployed.name, "--fail")
