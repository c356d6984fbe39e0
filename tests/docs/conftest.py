"""The tables that the docs' examples are run with: a fixture for each name in an info string.

Each lays its tables out where the example's monitor reads them, and returns what is checked of the
run: that it found what is in them, and what the page promises.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import boto3
import pyarrow as pa
import pytest
import yaml
from deltalake import write_deltalake
from pyarrow import parquet as pq
from pyiceberg.catalog.glue import GlueCatalog
from support.athena import Athena, serve
from support.command_line import CommandLine, drift_monitor

from drift_monitor.alerts.email import Email
from drift_monitor.alerts.notifiers import Message
from drift_monitor.config.load import load_monitor
from drift_monitor.config.locations import Location
from drift_monitor.config.monitor import Monitor
from drift_monitor.errors import DriftMonitorError
from drift_monitor.results.run import DriftResult
from drift_monitor.results.words import window_words
from drift_monitor.run import run
from drift_monitor.site.store import Site
from drift_monitor.storage import Folder

__all__ = ["drift_monitor"]

AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
"""When every example runs: a Monday."""
DAYS = [datetime(2026, 11, day, tzinfo=UTC) for day in range(16, 23)]
BUCKET = "my-bucket"
ELSEWHERE = {
    "name": "m",
    "minimum_rows": 1,
    "reference": {"location": f"s3://{BUCKET}/reference.parquet"},
    "current": {"location": f"s3://{BUCKET}/current.parquet"},
}
"""What an example says nothing of."""


@dataclass(frozen=True)
class Example:
    """A fenced block, the fixture that it names, and the page that it is on."""

    text: str
    fixture: str | None
    page: str
    after: str


@dataclass(frozen=True)
class Ran:
    """What came of a run."""

    result: DriftResult
    emails: Sequence[Message]

    def statuses(self) -> dict[str, str]:
        return {each.column: each.status.value for each in self.result.columns}

    def drifted(self) -> set[str]:
        return {name for name, status in self.statuses().items() if status == "drifted"}

    @property
    def email(self) -> str:
        (email,) = self.emails
        assert isinstance(email, Email)
        return email.body


Check = Callable[[Ran], None]
Columns = dict[str, Any]


class Inbox(list[Message]):
    """Keeps what is sent."""

    def send(self, message: Message) -> None:
        self.append(message)


@pytest.fixture
def file(example: Example, tmp_path: Path) -> Path:
    """Write the example as a monitor's file, with what it says nothing of."""
    rest = {key: each for key, each in ELSEWHERE.items() if key not in yaml.safe_load(example.text)}
    path = tmp_path / "m.yaml"
    path.write_text((yaml.safe_dump(rest) if rest else "") + example.text, encoding="utf-8")
    return path


@pytest.fixture
def monitor(file: Path) -> Monitor:
    return load_monitor(file)


@pytest.fixture
def run_it(monitor: Monitor, tmp_path: Path) -> Callable[[], Ran]:
    def ran() -> Ran:
        inbox = Inbox()
        site = Site(Folder(tmp_path / "site"), "https://example.com/")
        return Ran(run(monitor, AT, site=site, notifier=inbox), inbox)

    return ran


@pytest.fixture
def bucket(aws: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Make the docs' bucket, and work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    region: Any = {"LocationConstraint": "eu-west-1"}
    boto3.client("s3", endpoint_url=aws).create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration=region
    )
    return BUCKET


def put(key: str, body: bytes | str | Columns | pa.Table) -> None:
    """Write an object; columns as Parquet."""
    if isinstance(body, dict | pa.Table):
        written = BytesIO()
        pq.write_table(body if isinstance(body, pa.Table) else pa.table(body), written)
        body = written.getvalue()
    boto3.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body)


Lay = Callable[[Columns, Columns], None]


@pytest.fixture
def lay(bucket: str, monitor: Monitor) -> Lay:
    """Write a monitor's two tables in Parquet; of a dated one the same rows for each day."""

    def write(text: str, columns: Columns) -> None:
        location = Location.parse(text)
        for path in {location.on(day).path for day in DAYS}:
            name = f"{path}1.parquet" if path.endswith("/") else path
            if location.bucket == bucket:
                put(name, columns)
            else:
                Path(name).parent.mkdir(parents=True, exist_ok=True)
                pq.write_table(pa.table(columns), name)

    def laid(reference: Columns, current: Columns) -> None:
        for table, columns in ((monitor.reference, reference), (monitor.current, current)):
            assert table.location is not None
            write(table.location, columns)

    return laid


def _flights(later: int) -> Columns:
    """Return flights that are so many minutes later."""
    numbers = range(1_200)
    return {
        "year": [2026] * 1_200,
        "month": [11] * 1_200,
        "day": [number % 7 for number in numbers],
        "hour": [number % 24 for number in numbers],
        "minute": [number % 60 for number in numbers],
        "time_hour": [AT - timedelta(hours=number) for number in numbers],
        "flight": list(numbers),
        "tailnum": [f"N{number}" for number in numbers],
        "carrier": ["UA" if number % 3 else "AA" for number in numbers],
        "distance": [100 + number % 50 for number in numbers],
        "dep_delay": [float(number % 60 + later) for number in numbers],
        "arr_delay": [float(number % 40 + later) for number in numbers],
    }


@pytest.fixture
def flights(lay: Lay) -> Check:
    lay(_flights(0), _flights(60))

    def check(ran: Ran) -> None:
        assert ran.drifted() == {"dep_delay", "arr_delay"}
        assert set(ran.statuses().values()) <= {"ok", "drifted", "skipped"}
        assert ran.emails

    return check


@pytest.fixture
def first_of_two_runs_with_drift(lay: Lay) -> Check:
    lay(_flights(0), _flights(60))

    def check(ran: Ran) -> None:
        assert ran.drifted() == {"dep_delay", "arr_delay"}
        assert not ran.emails

    return check


@pytest.fixture
def cached(flights: Check, example: Example, run_it: Callable[[], Ran]) -> Check:
    reference, cache = re.findall(rf"^s3://{BUCKET}/(\S+)$", example.page, re.MULTILINE)

    def check(ran: Ran) -> None:
        flights(ran)
        assert run_it().result == ran.result
        objects = boto3.client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]
        kept = {each["Key"] for each in objects} - {reference, "current.parquet"}
        pattern = cache.replace("MONITOR", "m").replace("DIGEST", "[0-9a-f]{16}")
        assert kept
        assert all(re.match(pattern, key) for key in kept)

    return check


@pytest.fixture
def broken_flights(lay: Lay, file: Path, drift_monitor: CommandLine) -> Check:
    reference = {
        "dep_delay": range(100),
        "distance": range(100),
        "carrier": ["AA", "UA"] * 50,
        "gone": [1] * 100,
    }
    current = {
        "dep_delay": [*range(50, 145), *[None] * 5],
        "distance": [*range(1, 97), 200, *[None] * 3],
        "carrier": ["AA"] * 99 + ["ZZ"],
        "extra": [1] * 100,
    }
    lay(reference, current)
    assert drift_monitor("baseline", file).code == 0

    def check(ran: Ran) -> None:
        found = {
            (each.check, each.column): (each.severity, each.limit, each.passed)
            for each in ran.result.checks
        }
        assert found == {
            ("baseline_is_stale", None): ("warn", 0, True),
            ("missing_columns", "gone"): ("warn", 0, False),
            ("changed_types", None): ("critical", 0, True),
            ("no_values", None): ("critical", 0, True),
            ("constant", None): ("critical", 0, True),
            ("infinite_values", None): ("warn", 0, True),
            ("spike", None): ("warn", 0.001, True),
            ("null_share", "dep_delay"): ("warn", 0.1, True),
            ("null_share", "distance"): ("critical", 0.02, False),
            ("null_share", "carrier"): ("critical", 0.02, True),
            ("range", "distance"): ("warn", 0.001, False),
            ("unseen_categories", "carrier"): ("critical", 0, False),
        }

    return check


ROWS = 120


@pytest.fixture
def plans(lay: Lay) -> Check:
    def side(later: float, large: int) -> Columns:
        numbers = range(1_000)
        return {
            "age": [20 + number % 50 + later for number in numbers],
            "income": [float(number % 700) for number in numbers],
            "plan": ["large" if number < large else "small" for number in numbers],
        }

    lay(side(0, 300), side(10, 450))

    def check(ran: Ran) -> None:
        found = {each.column: each for each in ran.result.columns}
        assert ran.drifted() == {"age", "plan"}
        assert (found["age"].threshold, found["plan"].threshold) == (0.2, 0.1)
        assert (found["age"].method, found["plan"].method) == ("robust_wasserstein", "share_change")
        assert found["plan"].score == pytest.approx(0.15)
        assert ran.result.status == "drifted"

    return check


@pytest.fixture
def plans_without_past(lay: Lay) -> Check:
    numbers = range(1_000)
    lay(*({"plan": ["large" if n < large else "small" for n in numbers]} for large in (300, 310)))

    def check(ran: Ran) -> None:
        (plan,) = ran.result.columns
        assert (plan.threshold, plan.reason) == (
            0.05,
            "not held against its past: 0 earlier runs of 8 needed",
        )

    return check


@pytest.fixture
def waiting(lay: Lay) -> Check:
    numbers = range(1_000)
    lay(*({"waiting": [float(n % 50) - shorter for n in numbers]} for shorter in (0, 10)))

    def check(ran: Ran) -> None:
        (column,) = ran.result.columns
        assert (column.status, column.threshold) == ("ok", 0.2)
        assert column.reason == "moved down, and only up counts"

    return check


@pytest.fixture
def turned(lay: Lay) -> Check:
    def side(sign: int) -> Columns:
        numbers = range(1_200)
        price = [number * 7 % 100 + number / 1_200 for number in numbers]
        return {
            "price": price,
            "discount": [sign * (each - 50.5) for each in price],
            "weight": [float(number * 11 % 97) for number in numbers],
        }

    lay(side(1), side(-1))

    def check(ran: Ran) -> None:
        found = ran.result.whole_table
        assert found is not None
        assert (found.status, found.severity, ran.drifted()) == ("drifted", "critical", set())
        assert (ran.result.status, ran.result.severity) == ("drifted", "critical")
        assert {each.column for each in found.columns} == {"price", "discount"}
        assert ran.email.startswith(
            "Critical drift: 0 of 3 columns drifted (0%); together they did"
        )
        assert "\nTogether: AUC " in ran.email

    return check


@pytest.fixture
def sale(lay: Lay) -> Check:
    numbers = range(1_000)
    lay(*({"price": [float(n % 50) - less for n in numbers]} for less in (0, 30)))

    def check(ran: Ran) -> None:
        (price,) = ran.result.columns
        assert price.status == "muted"
        assert ran.result.verdict == "No drift: 0 of 1 columns drifted, 1 more is muted"
        assert "muted until 1 Dec 2026: winter sale" in ran.email

    return check


def _predictions(first: int, later: int) -> Columns:
    """Return flights that are each so many minutes later than the model says."""
    numbers = range(ROWS)
    return {
        "flight_id": [first + number for number in numbers],
        "dep_delay": [float(number + 5 * later) for number in numbers],
        "distance": [float(100 + number % 50) for number in numbers],
        "carrier": ["UA" if number % 3 else "AA" for number in numbers],
        "predicted_delay": [float(number) for number in numbers],
        "arr_delay": [float(number + 1 + later) for number in numbers],
        "chance_of_delay": [number / ROWS for number in numbers],
        "is_late": [int(number + later > ROWS / 2) for number in numbers],
    }


@pytest.fixture
def predictions(lay: Lay) -> Check:
    lay(_predictions(0, 0), _predictions(ROWS, 30))

    def check(ran: Ran) -> None:
        roles = ran.result.by_role
        assert roles is not None
        assert roles.prediction is not None
        assert roles.target is not None
        assert (roles.prediction.column, roles.prediction.status) == ("predicted_delay", "ok")
        assert (roles.target.column, roles.target.status) == ("arr_delay", "drifted")
        assert (roles.drifted_covariates, roles.scored_covariates) == (2, 5)
        assert "\nPrediction: no drift\nTarget drifted: arr_delay, " in ran.email

    return check


@pytest.fixture
def importance(lay: Lay) -> Check:
    lay(_predictions(0, 0), _predictions(ROWS, 30))
    body = "feature,importance,gain\ndep_delay,0.6,9\ndistance,-0.3,1\ncarrier,0.1,0\n"
    put("model/importance.csv", body)

    def check(ran: Ran) -> None:
        found = {each.column: each.importance for each in ran.result.columns}
        assert found == dict.fromkeys(found, 0) | {
            "dep_delay": 0.6,
            "distance": 0.3,
            "carrier": 0.1,
            "arr_delay": None,
        }
        assert (ran.result.status, ran.result.drifted_share) == ("drifted", 0.6)
        assert ran.result.is_weighted
        assert ran.email.startswith("Drift: 3 of 7 columns drifted (60% of the importance)")

    return check


def _quality(ran: Ran) -> dict[str, Any]:
    assert ran.result.model_quality is not None
    return ran.result.model_quality.model_dump(mode="json")


@pytest.fixture
def regression(lay: Lay) -> Check:
    lay(_predictions(0, 0), _predictions(ROWS, 30))

    def check(ran: Ran) -> None:
        quality = _quality(ran)
        assert quality["rows_with_labels"] == {"reference": ROWS, "current": ROWS}
        assert list(quality["metrics"]) == ["mean_error", "mae", "rmse", "mape", "r2"]
        assert quality["metrics"]["mae"] == {"reference": 1.0, "current": 31.0}
        assert quality["metrics"]["mean_error"] == {"reference": -1.0, "current": -31.0}
        assert "Model quality: mean error -1 → -31, MAE 1 → 31," in ran.email

    return check


@pytest.fixture
def classification(lay: Lay) -> Check:
    lay(_predictions(0, 0), _predictions(ROWS, 30))

    def check(ran: Ran) -> None:
        metrics = _quality(ran)["metrics"]
        assert list(metrics) == ["accuracy", "precision", "recall", "f1", "roc_auc", "log_loss"]
        assert metrics["roc_auc"] == {"reference": 1.0, "current": 1.0}
        assert metrics["recall"]["reference"] == 1.0
        checks = [each for each in ran.result.checks if each.check == "model_quality"]
        limits = {each.severity: each for each in checks}
        assert limits["warn"].passed
        assert limits["critical"].passed is False
        assert limits["critical"].value == pytest.approx(1 - metrics["recall"]["current"])
        assert "model_quality (critical)" in ran.email

    return check


@pytest.fixture
def late_labels(lay: Lay) -> Check:
    reference, current = _predictions(0, 0), _predictions(ROWS, 30)
    lay(reference, {name: each for name, each in current.items() if name != "arr_delay"})
    put("labels/2026-11-23.csv", "flight_id,arr_delay\n120,40\n120,31\n121,32\n")

    def check(ran: Ran) -> None:
        quality = _quality(ran)
        assert quality["rows_with_labels"] == {"reference": ROWS, "current": 4}  # of two days
        assert quality["metrics"]["mae"] == {"reference": 1.0, "current": 31.0}
        assert quality["reasons"][-1] == (
            "current: 1 label has a later one of the same id, which counts"
        )
        assert "(4 labels)" in ran.email

    return check


CARRIERS = {**{f"C{number:02}": 600 - number for number in range(11)}, "UA": 1200, None: 700}
"""Rows by carrier. The ten largest are UA, those without one, and C00 to C07."""


def _by_carrier(later: int) -> Columns:
    carriers = [carrier for carrier, rows in CARRIERS.items() for _ in range(rows)]
    return {
        "carrier": carriers,
        "origin": (["EWR", "JFK"] * len(carriers))[: len(carriers)],
        "delay": [float(n % 40 + later * (each == "UA")) for n, each in enumerate(carriers)],
    }


@pytest.fixture
def carriers(lay: Lay, monitor: Monitor) -> Check:
    lay(_by_carrier(0), _by_carrier(20))

    def check(ran: Ran) -> None:
        rules, found = monitor.slices, ran.result.slices
        assert rules is not None
        assert rules == type(rules)(by=["carrier"])  # what is shown are the defaults
        eight = [[f"C{number:02}"] for number in range(8)]
        assert [each.values for each in found] == [["UA"], [None], *eight, None]
        assert [each.status for each in found] == ["drifted", *["ok"] * 10]
        assert found[0].worst[0].column == "delay"
        assert found[-1].is_other
        assert found[-1].current_rows == sum(CARRIERS[name] for name in ("C08", "C09", "C10"))

    return check


@pytest.fixture
def carriers_by_origin(lay: Lay) -> Check:
    lay(_by_carrier(0), _by_carrier(20))

    def check(ran: Ran) -> None:
        found = ran.result.slices
        assert [each.values for each in found[:3]] == [["UA", "EWR"], ["UA", "JFK"], [None, "EWR"]]
        assert [each.status for each in found] == ["drifted", "drifted", *["ok"] * 9]

    return check


@pytest.fixture
def flown(lay: Lay, example: Example, run_it: Callable[[], Ran]) -> Check:
    (sentence,) = re.findall(r"`flown\.py(:\d.*?)`", example.page)
    table: Columns = {
        "dep_time": [517, None, 542] * 50,
        "origin": ["EWR", "LGA", "JFK"] * 50,
        "dest": ["IAH", "IAH", "MIA"] * 50,
        "distance": [1400, 1416, 1089] * 50,
        "air_time": [227.0, None, 160.0] * 50,
    }
    lay(table, table)

    def check(ran: Ran) -> None:
        assert ran.statuses() == dict.fromkeys([*table, "route", "miles_per_hour"], "ok")
        assert ran.result.reference.rows == ran.result.current.rows == 100
        lay(table, {name: each for name, each in table.items() if name != "dep_time"})
        with pytest.raises(DriftMonitorError) as failed:
            run_it()
        assert str(failed.value).endswith(f"/flown.py{sentence}")

    return check


SameAs = Callable[[Columns], Check]


@pytest.fixture
def same_as(bucket: str) -> SameAs:
    """Write a reference by hand; check that what is read of current is the same, row by row."""
    assert bucket

    def laid(columns: Columns) -> Check:
        put("reference.parquet", columns)

        def check(ran: Ran) -> None:
            assert ran.result.current.rows == ran.result.reference.rows
            assert set(ran.statuses()) == set(columns)
            assert set(ran.statuses().values()) <= {"ok", "skipped"}
            assert all(each.reference == each.current for each in ran.result.columns)
            assert any(each.current for each in ran.result.columns)

        return check

    return laid


@pytest.fixture
def parts_of_spark(same_as: SameAs) -> Check:
    put("spark/_SUCCESS", "")
    put("spark/part-00000", "x,y\n" + "1,2\n" * 100)
    return same_as({"x": [1] * 100, "y": [2] * 100})


@pytest.fixture
def orders_in_csv(same_as: SameAs) -> Check:
    rows = "'Zürich; Süd';1,5;-999\nBern;2;1\n"
    put("orders.csv", ("stadt;betrag;n\n" + rows * 50).encode("latin-1"))
    cities, numbers = ["Zürich; Süd", "Bern"] * 50, [None, 1] * 50
    return same_as({"stadt": cities, "betrag": [1.5, 2.0] * 50, "n": numbers})


@pytest.fixture
def customers(same_as: SameAs) -> Check:
    row = {"age": 1, "address": {"city": "Bern"}, "model": {"score": 0.5}}
    put("customers.jsonl", (json.dumps(row) + "\n") * 100)
    read = {"age": [1] * 100, "address.city": ["Bern"] * 100, "model.score": [0.5] * 100}
    return same_as(read)


@pytest.fixture
def captured(same_as: SameAs) -> Check:
    def payload(data: str) -> dict[str, str]:
        return {"observedContentType": "text/csv", "data": data, "encoding": "CSV"}

    row = {
        "captureData": {"endpointInput": payload("31,Bern"), "endpointOutput": payload("0.5")},
        "eventMetadata": {"eventId": "1-a", "inferenceTime": "2026-11-23T08:00:00Z"},
        "eventVersion": "0",
    }
    for hour in range(24, -1, -1):  # the last one is not over yet
        key = f"{AT - timedelta(hours=hour):%Y/%m/%d/%H}/1.jsonl"
        put(f"capture/my-endpoint/AllTraffic/{key}", (json.dumps(row) + "\n") * 5)
    read = {"event_id": "1-a", "inference_time": AT, "age": 31, "city": "Bern", "score": 0.5}
    return same_as({name: [value] * 120 for name, value in read.items()})


@pytest.fixture
def orders_in_delta(same_as: SameAs, tmp_path: Path) -> Check:
    for number in range(14):
        order = pa.table({"order": [number] * 10, "country": ["CH"] * 10})
        write_deltalake(tmp_path / "orders", order, mode="append", partition_by=["country"])
    for path in (path for path in (tmp_path / "orders").rglob("*") if path.is_file()):
        put(f"lake/{path.relative_to(tmp_path)}", path.read_bytes())
    orders = [number for number in range(13) for _ in range(10)]
    return same_as({"order": orders, "country": ["CH"] * 130})


@pytest.fixture
def flights_in_iceberg(same_as: SameAs, aws: str) -> Check:
    landed = [AT - timedelta(days=days) for days in (9, 3, 1)] * 100
    flights = pa.table({"landed": landed, "delay": [1, 2, 3] * 100})
    catalog = GlueCatalog("glue", **{"s3.endpoint": aws, "s3.region": "eu-west-1"})
    catalog.create_namespace("sky")
    place = f"s3://{BUCKET}/lake/flights"
    catalog.create_table("sky.flights", flights.schema, location=place).append(flights)
    return same_as({"landed": landed[:200], "delay": [2, 3] * 100})


@pytest.fixture
def queried(
    same_as: SameAs, example: Example, aws: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Check]:
    boto3.client("athena").create_work_group(Name="drift")
    table: Columns = {"carrier": ["UA"] * 100, "dep_delay": [4.0] * 100, "arr_delay": [5.0] * 100}
    same, athena = same_as(table), Athena(aws)
    athena.rows = [pa.table(table)]
    with serve(athena) as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL_ATHENA", endpoint)

        def check(ran: Ran) -> None:
            same(ran)
            (asked,) = athena.queries
            assert asked.endswith("WHERE dt >= '2026-11-16' AND dt < '2026-11-23'")
            assert "dates (`2026-11-16`)" in example.page

        yield check


@pytest.fixture
def unfinished(same_as: SameAs, example: Example) -> Check:
    put("daily/2026-11-21/1.csv", "x\n" + "1\n" * 100)
    put("daily/2026-11-21/_SUCCESS", "")
    put("daily/2026-11-22/1.csv", "x\n" + "2\n" * 100)
    same = same_as({"x": [1] * 100})

    def check(ran: Ran) -> None:
        same(ran)
        (missing,) = ran.result.current.missing_files
        assert f"`{missing}`" in example.page

    return check


HOUR = timedelta(hours=1)


def _hours(begin: datetime, end: datetime) -> list[datetime]:
    return [begin + number * timedelta(hours=1) for number in range(int((end - begin) / HOUR))]


@pytest.fixture
def hourly(bucket: str, monitor: Monitor, example: Example) -> Check:
    """Write a row for each hour, where it belongs; check which the run reads."""
    assert bucket
    (said,) = re.findall(
        r"^\s*Current: (.*?)\.(?: Reference: (.*?)\.)?$", example.after, re.MULTILINE
    )
    assert monitor.current.location is not None
    location = Location.parse(monitor.current.location)
    is_daily = "%d" in location.text and "%H" not in location.text
    back = timedelta(days=3 if "%H" in location.text else 760 if is_daily else 375)
    hours = _hours(AT.replace(minute=0) - back, AT + timedelta(hours=3))
    if "%d" in location.text:  # not a file for each day of a year
        hours = [each for each in hours if not 32 < (AT - each).days % 364 < 340]
    files: dict[str, list[datetime]] = {}
    for hour in hours:
        path = location.on(hour.astimezone(ZoneInfo(monitor.current.timezone or "UTC"))).path
        files.setdefault(f"{path}1.parquet" if path.endswith("/") else path, []).append(hour)
    for key, times in [*files.items(), ("reference.parquet", hours[:24])]:
        put(key, {"time": times, "hour": [hour.timestamp() // 3600 for hour in times]})

    def check(ran: Ran) -> None:
        windows = (ran.result.window, ran.result.reference_window)
        assert tuple(window_words(window) if window else "" for window in windows) == said
        (column,) = (each for each in ran.result.columns if each.column == "hour")
        tables = (ran.result.current, ran.result.reference)
        profiles = (column.current, column.reference)
        for window, table, profile in zip(windows, tables, profiles, strict=True):
            if window is not None:
                spans = window.seasons or [window]
                read = [hour for each in spans for hour in _hours(each.start, each.end)]
                numbers = [hour.timestamp() // 3600 for hour in read]
                assert (table.rows, table.missing_files) == (len(read), [])
                assert profile is not None
                assert profile.mean == pytest.approx(sum(numbers) / len(numbers), rel=1e-12)

    return check
