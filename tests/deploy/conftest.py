"""One emulated account per session, the project deployed into it, and a table of what was checked.

The files run in the order of their names, as a deployment lives; each can run alone, too.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from deployment import EMAILS, MEMORY, STACK, Deployed, Project
from emulation import ACCOUNT, REGION, Account, emulated_account, forget_images
from infra.synthesis import Template

LOGS = Path(__file__).parent / "logs"
# Read by somebody else, and at other times than the project's own monitor.
WEATHER = """
name: weather
schedule: cron(0 6 * * ? *)
reference: {location: s3://amzn-s3-demo-bucket/weather/reference.parquet}
current: {location: s3://amzn-s3-demo-bucket/weather/current.parquet}
alerts: {emails: [weather@example.com]}
"""


def pytest_itemcollected(item: pytest.Function) -> None:
    """Note where a fact is looked up: a test asks for a template where the emulator skips it."""
    asked = {"template", "trial_template"}.intersection(item.fixturenames)
    where = "template" if asked else "deployed"
    item.user_properties.append(("checked", where))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was checked where, and keep it with the logs."""
    lines = [
        f"{dict(report.user_properties)['checked']:<9} {outcome:<7} {_fact(report.nodeid)}"
        for outcome in ("passed", "failed", "error")
        for report in terminalreporter.stats.get(outcome, [])
        if "checked" in dict(report.user_properties)
    ]
    terminalreporter.section("what was checked where")
    terminalreporter.write_line("\n".join(sorted(lines)))
    if LOGS.exists():
        (LOGS / "checked.txt").write_text("\n".join(sorted(lines)) + "\n")


def _fact(test: str) -> str:
    return test.rpartition("::")[2].removeprefix("test_").replace("_", " ")


@pytest.fixture(scope="session")
def logs() -> Path:
    """Return the folder of this session's logs, kept when it ends."""
    shutil.rmtree(LOGS, ignore_errors=True)
    LOGS.mkdir()
    return LOGS


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory, logs: Path) -> Iterator[Account]:
    """Return an empty account, which boto3 now speaks to."""
    with (
        emulated_account(tmp_path_factory.mktemp("emulator"), logs / "emulator.log") as account,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.delenv("AWS_SESSION_TOKEN")
        for name, value in account.environment().items():
            patch.setenv(name, value)
        yield account
        forget_images(account)


@pytest.fixture(scope="session")
def project(account: Account, tmp_path_factory: pytest.TempPathFactory, logs: Path) -> Project:
    """Return a copy of the project with settings of its own, in a bootstrapped account."""
    project = Project(tmp_path_factory.mktemp("project"), account.environment(), logs)
    project.settings(
        {
            "dev": {"emails": EMAILS, "memory_mb": MEMORY},
            "trial": {"emails": EMAILS, "on_destroy": "destroy", "run_on_deploy": False},
        }
    )
    (project.folder / "monitors" / "weather.yaml").write_text(WEATHER)
    project.cdk("bootstrap", f"aws://{ACCOUNT}/{REGION}")
    return project


@pytest.fixture(scope="session")
def deployed(project: Project) -> Deployed:
    """Return the stack, deployed for the first time, its image built and pushed."""
    return project.deploy(STACK)


@pytest.fixture(scope="session")
def template(deployed: Deployed, project: Project) -> Template:
    """Return what was deployed as the CDK wrote it, for what the emulator skips."""
    return project.template(deployed.name)


@pytest.fixture
def queue(deployed: Deployed) -> dict[str, str]:
    """Return the attributes of the dead-letter queue."""
    return boto3.client("sqs").get_queue_attributes(
        QueueUrl=deployed.outputs["DeadLetterQueueUrl"], AttributeNames=["All"]
    )["Attributes"]
