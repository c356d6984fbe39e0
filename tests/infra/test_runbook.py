"""The runbook: what it tells a person to use is there, under the name it tells."""

import json
import re

import pytest
import typer
from synthesis import ROOT, Scenario, Template, monitor, synthesize, template_of

from drift_monitor.cli.main import app
from stacks.settings import DeploymentSettings

RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
# One logical line each, as the shell reads them.
COMMANDS = "\n".join(re.findall(r"```sh\n(.*?)```", RUNBOOK, re.DOTALL)).replace("\\\n", "")


@pytest.mark.parametrize(
    "metric", ["Errors", "ApproximateNumberOfMessagesVisible", "OverdueMonitors"]
)
def test_each_alarm_has_a_section(template: Template, everything: Template, metric: str) -> None:
    (title,) = re.findall(r'section "(.*)"', template.alarm(metric)["AlarmDescription"])
    assert f"\n## {title}\n" in RUNBOOK
    (anchor,) = re.findall(r"#(\S+)$", everything.alarm(metric)["AlarmDescription"])
    assert anchor in anchors()


def test_the_alarm_of_runs_on_spark_has_a_section() -> None:
    url = "https://example.com/runbook"
    linked = synthesize(Scenario((monitor("trips", engine="spark"),), {"runbook_url": url}))
    for template, pattern in ((template_of("spark"), r'section "(.*)"'), (linked, r"#(\S+)$")):
        description = template.alarm("ExecutionsFailed")["AlarmDescription"]
        (named,) = re.findall(pattern, description)
        assert named.lower().replace(" ", "-") in anchors()


def test_each_section_is_an_alarms() -> None:
    assert anchors() == {"failed-runs", "failed-spark-runs", "dead-letters", "overdue-monitors"}


def test_links_within_it_lead_somewhere() -> None:
    assert set(re.findall(r"\]\(#([^)]*)\)", RUNBOOK)) <= anchors()


def test_query_is_the_dashboards(template: Template) -> None:
    (query,) = re.findall(r"```\n(fields .*?)\n```", RUNBOOK, re.DOTALL)
    body = json.dumps(template.properties("AWS::CloudWatch::Dashboard"))
    # Quoted twice: once for the template, once within the dashboard's own JSON.
    assert json.dumps(json.dumps(query)[1:-1])[1:-1] in body


def test_outputs_are_the_stacks(template: Template) -> None:
    named = set(re.findall(r"output (\w+)", COMMANDS + RUNBOOK)) - {"text"}
    spark = {name for name in named if name.startswith("Spark")}
    assert named - spark == {"DashboardUrl", "DeadLetterQueueUrl", "FunctionName"}
    assert named - spark <= set(template.body["Outputs"])
    assert spark == set(template_of("spark").body["Outputs"]) - set(template.body["Outputs"])


def test_commands_and_their_options_are_the_command_lines() -> None:
    known = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    used = re.findall(r"bin/drift-monitor (\w+)([^#|>\n]*)", COMMANDS)
    assert {name for name, _ in used} == {"event", "redrive"}
    for name, rest in used:
        options = {option for parameter in known[name].params for option in parameter.opts}
        assert set(re.findall(r"--[\w-]+", rest)) <= options


def test_settings_are_settings() -> None:
    named = set(re.findall(r"`([a-z]+_[a-z_]+)`", RUNBOOK)) - {"minimum_rows"}
    assert named <= set(DeploymentSettings.model_fields)


def test_words_to_look_for_are_the_functions() -> None:
    (message,) = re.findall(r'\$\.message = "([^"]*)"', COMMANDS)
    assert f'"{message}"' in (ROOT / "lambda_src" / "drift_lambda.py").read_text()


def anchors() -> set[str]:
    return {
        title.lower().replace(" ", "-") for title in re.findall(r"^## (.*)$", RUNBOOK, re.MULTILINE)
    }
