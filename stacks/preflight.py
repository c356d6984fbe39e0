"""Mistakes that only a deployment has, found before CloudFormation finds them."""

import json
from collections.abc import Iterator, Sequence
from itertools import groupby

from drift_monitor.config.events import run_event, watch_event
from drift_monitor.config.locations import Location
from drift_monitor.config.monitor import Monitor
from drift_monitor.config.transforms import TRANSFORMS
from drift_monitor.errors import DriftMonitorError
from stacks.alerts import subscribers
from stacks.common.ip_ranges import is_ipv6
from stacks.settings import DeploymentSettings
from stacks.spark.states import longest_minutes

# EventBridge's limit for a target's input.
MAX_INPUT = 8192
# How the CDK writes the placeholders that EventBridge replaces.
TIME, ID = "<time>", "<id>"
# The name that AWS reserves for examples in documentation: it is nobody's bucket.
PLACEHOLDER_BUCKET = "amzn-s3-demo-bucket"


def check(monitors: Sequence[Monitor], settings: DeploymentSettings) -> None:
    """Refuse a deployment that would fail in the account.

    Raises:
        DriftMonitorError: there are mistakes; all are listed, one a line.
    """
    mistakes = [
        *(mistake for monitor in monitors for mistake in _mistakes_of(monitor)),
        *(mistake for monitor in monitors for mistake in _lacking(monitor, settings)),
        *_watch_too_long(monitors, settings),
        *_same_but_for_case(subscribers(monitors, settings.emails)),
    ]
    if mistakes:
        raise DriftMonitorError("\n".join(mistakes))


def warnings(monitors: Sequence[Monitor], settings: DeploymentSettings) -> dict[str, str]:
    """Return the texts of warnings on what can be deployed but is hardly intended, by their id."""
    found = {
        f"drift-monitor:placeholder-bucket:{monitor.name}": (
            f"monitor {monitor.name}: {PLACEHOLDER_BUCKET} is a placeholder, its runs will fail: "
            "put your own bucket in its file, or remove the file"
        )
        for monitor in monitors
        if any(location.bucket == PLACEHOLDER_BUCKET for _, location in _locations(monitor))
    }
    if not subscribers(monitors, settings.emails):
        found["drift-monitor:nobody-is-told"] = (
            "no email goes to anybody, alarms included: name addresses under emails in cdk.json or "
            "in a monitor's file"
        )
    unreachable = [each for each in settings.allow_ips if is_ipv6(each)]
    if settings.access == "allowlist" and unreachable:
        found["drift-monitor:ipv6-readers"] = (
            f"allow_ips: {', '.join(unreachable)} will let nobody in: the website of an S3 bucket "
            "is reached over IPv4 only. Name your IPv4 ranges, or use access cloudfront"
        )
    return found


def notes(monitors: Sequence[Monitor], settings: DeploymentSettings) -> list[str]:
    """Return sentences about settings that a monitor may need to raise."""
    if not any(monitor.engine == "spark" for monitor in monitors):
        return []
    worker = settings.spark_worker
    return [
        (
            f"monitors on Spark: workers of {worker.vcpu} vCPU and {worker.memory_gb} GB, "
            f"{settings.spark_workers} at most, compare columns of up to "
            f"{worker.column_rows / 1e6:,.0f} million rows, reference and current together; "
            "drift-monitor check says what a monitor's tallest column needs: raise "
            "spark_worker_memory_gb in cdk.json where that is more"
        )
    ]


def _mistakes_of(monitor: Monitor) -> Iterator[str]:
    for field, location in _locations(monitor):
        if location.bucket is None:
            yield (
                f"monitor {monitor.name}: {field}: {location.text} is a local path, which Lambda "
                "cannot read: write s3://BUCKET/KEY"
            )
    if monitor.transform is not None and not (TRANSFORMS / monitor.transform).is_file():
        yield (
            f"monitor {monitor.name}: transform: {monitor.transform} is not in "
            "lambda_src/transforms, and the image has no other: put it there"
        )
    event = run_event(monitor, TIME, ID)
    for text in sorted({text for text in _texts(event["monitor"]) if "<" in text or ">" in text}):
        yield (
            f"monitor {monitor.name}: {text} has < or >, which EventBridge takes for a "
            "placeholder: write ? instead, in a glob it stands for any one character"
        )
    size = input_size(event)
    if size > MAX_INPUT:
        yield (
            f"monitor {monitor.name}: its configuration has {size:,} characters and a rule's input "
            f"takes {MAX_INPUT:,}: name columns by glob, such as *_delay, and keep their "
            "importance in a file"
        )


def _lacking(monitor: Monitor, settings: DeploymentSettings) -> Iterator[str]:
    for side, table in (("reference", monitor.reference), ("current", monitor.current)):
        kind = table.format.type
        if kind in ("delta", "iceberg") and kind not in settings.extras:
            yield (
                f"monitor {monitor.name}: {side}.format: the image reads {kind} tables only if "
                f'cdk.json says so: "extras": ["{kind}"]'
            )
        if table.sql is not None and monitor.engine == "spark":
            yield (
                f"monitor {monitor.name}: {side}.sql: a job on EMR Serverless reaches S3 and not "
                "Athena: name the table's location, or leave engine out"
            )
        elif table.sql is not None and not table.reads:
            yield (
                f"monitor {monitor.name}: {side}.reads: name the folders in S3 that the query's "
                "tables lie in, such as reads: [s3://BUCKET/FOLDER/]: the role may read these alone"
            )


def _watch_too_long(monitors: Sequence[Monitor], settings: DeploymentSettings) -> Iterator[str]:
    late = longest_minutes(settings.spark_timeout_minutes)
    size = input_size(watch_event(monitors, late, TIME))
    if size > MAX_INPUT:
        yield (
            f"{len(monitors)} monitors are too many for one environment: their names and schedules "
            f"have {size:,} characters and a rule's input takes {MAX_INPUT:,}; move some to a "
            "folder and an environment of their own in cdk.json"
        )


def _same_but_for_case(addresses: Sequence[str] | dict[str, list[str]]) -> Iterator[str]:
    for _, same in groupby(sorted(addresses, key=str.lower), key=str.lower):
        spellings = sorted(same)
        if len(spellings) > 1:
            yield (
                f"{' and '.join(spellings)} differ only in case: write one of them everywhere, or "
                "the same inbox gets each email twice"
            )


def input_size(event: object) -> int:
    """Return the number of characters of a rule's input, in which placeholders have no quotes."""
    text = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    for placeholder in (TIME, ID):
        text = text.replace(f'"{placeholder}"', placeholder)
    return len(text)


def _locations(monitor: Monitor) -> Iterator[tuple[str, Location]]:
    for field, text in monitor.locations.items():
        yield field, Location.parse(text)


def _texts(node: object) -> Iterator[str]:
    """Yield every string of a JSON value, keys included."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from _texts(key)
            yield from _texts(value)
    elif isinstance(node, list):
        for item in node:
            yield from _texts(item)
