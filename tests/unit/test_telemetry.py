"""What CloudWatch is told of a run: log lines that name it, and metrics."""

import json
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from support.builders import a_column, a_monitor, a_result, without_data

from drift_monitor.errors import DriftMonitorError
from drift_monitor.telemetry import record_failure, record_success, run_log, set_levels

OURS = logging.getLogger("drift_monitor.some.module")
OTHERS = logging.getLogger("botocore.credentials")
RUN = {"monitor": "flights", "run_id": "20130624T093000Z", "event_id": "7bf73129"}


class Kept(logging.Handler):
    """Keeps what Lambda's handler would write."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    @property
    def lines(self) -> list[tuple[str, str]]:
        return [(record.levelname, record.getMessage()) for record in self.records]


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    """Stand where Lambda's handler stands; put the levels back afterwards."""
    monkeypatch.delenv("AWS_LAMBDA_LOG_LEVEL", raising=False)
    root = logging.getLogger()
    loggers = [root, logging.getLogger("drift_lambda"), logging.getLogger("drift_monitor")]
    levels = [logger.level for logger in loggers]
    kept = Kept()
    root.addHandler(kept)
    yield kept
    root.removeHandler(kept)
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


def named(record: logging.LogRecord) -> dict[str, str]:
    return {name: vars(record)[name] for name in RUN if name in vars(record)}


def test_lines_of_any_module_and_thread_name_the_run(log: Kept) -> None:
    set_levels()
    with run_log(**RUN):
        OURS.info("read", extra={"run_id": "its own word for it"})
        OTHERS.warning("slow")
        with ThreadPoolExecutor(1) as background:
            background.submit(OURS.info, "scored").result()
    assert log.lines == [("INFO", "read"), ("WARNING", "slow"), ("INFO", "scored")]
    assert [named(record) for record in log.records] == [RUN, RUN, RUN]


def test_the_next_run_of_the_process_has_its_own_fields(log: Kept) -> None:
    set_levels()
    with pytest.raises(DriftMonitorError), run_log(**RUN):
        raise DriftMonitorError("no table")
    OURS.info("between")
    with run_log(monitor="weather", run_id="20130701T060000Z"):
        OURS.info("the next")
    _, between, following = log.records
    assert named(between) == {}
    assert named(following) == {"monitor": "weather", "run_id": "20130701T060000Z"}


def test_what_the_user_can_mend_is_one_sentence(log: Kept) -> None:
    with pytest.raises(DriftMonitorError, match="reference has no file"), run_log(**RUN):
        raise DriftMonitorError("reference has no file: write it")
    (record,) = log.records
    assert log.lines == [("ERROR", "reference has no file: write it")]
    assert record.exc_info is None
    assert named(record) == RUN


def test_any_other_error_has_its_traceback(log: Kept) -> None:
    with pytest.raises(ZeroDivisionError), run_log(**RUN):
        _ = 1 // 0
    (record,) = log.records
    assert record.levelname == "ERROR"
    assert record.exc_info is not None
    assert record.exc_info[0] is ZeroDivisionError
    assert named(record) == RUN


@pytest.mark.parametrize(
    ("level", "ours", "others"),
    [
        (None, "INFO", "WARNING"),
        ("TRACE", "DEBUG", "WARNING"),
        ("DEBUG", "DEBUG", "WARNING"),
        ("INFO", "INFO", "WARNING"),
        ("WARN", "WARNING", "WARNING"),
        ("ERROR", "ERROR", "ERROR"),
        ("FATAL", "CRITICAL", "CRITICAL"),
        ("nonsense", "INFO", "WARNING"),
    ],
)
@pytest.mark.usefixtures("log")
def test_lambdas_level_is_for_ours_and_others_do_not_flood(
    monkeypatch: pytest.MonkeyPatch, level: str | None, ours: str, others: str
) -> None:
    if level is not None:
        monkeypatch.setenv("AWS_LAMBDA_LOG_LEVEL", level)
    set_levels()
    for logger, least in (
        (OURS, ours),
        (logging.getLogger("drift_lambda"), ours),
        (OTHERS, others),
    ):
        assert logging.getLevelName(logger.getEffectiveLevel()) == least


RUN_ID = "20130624T093000Z"


@pytest.fixture(autouse=True)
def _deployed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "DriftMonitor")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "DriftMonitor-test")


def _strictly(constant: str) -> float:
    raise AssertionError(f"{constant} is no JSON")


def written(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return the lines written since the last look, each checked to be what CloudWatch reads."""
    lines = [
        json.loads(line, parse_constant=_strictly) for line in capsys.readouterr().out.splitlines()
    ]
    for line in lines:
        (directive,) = line["_aws"]["CloudWatchMetrics"]
        assert directive["Namespace"] == "DriftMonitor"
        assert len(directive["Metrics"]) <= 100
        (dimensions,) = directive["Dimensions"]
        assert all(isinstance(line[name], str) and line[name].isascii() for name in dimensions)
        assert all(metric["Name"] in line for metric in directive["Metrics"])
    return lines


def units(line: dict[str, Any]) -> dict[str, tuple[float, str]]:
    """Return a line's metrics with their units."""
    metrics = line["_aws"]["CloudWatchMetrics"][0]["Metrics"]
    return {each["Name"]: (line[each["Name"]][0], each["Unit"]) for each in metrics}


def dimensions(line: dict[str, Any]) -> dict[str, str]:
    (names,) = line["_aws"]["CloudWatchMetrics"][0]["Dimensions"]
    return {name: line[name] for name in names}


def test_a_run_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    result = a_result([a_column("x", "drifted"), a_column("y"), a_column("z"), a_column("w")])
    record_success(a_monitor(), result, 12.5)
    (line,) = written(capsys)
    assert units(line) == {
        "RunsSucceeded": (1, "Count"),
        "RunsWithoutData": (0, "Count"),
        "RunDuration": (12.5, "Seconds"),
        "CurrentRows": (6_789, "Count"),
        "DriftedShare": (0.25, "None"),
        "DriftedColumns": (1, "Count"),
    }
    assert dimensions(line) == {"service": "DriftMonitor-test", "monitor": "flights"}
    assert line["run_id"] == RUN_ID


def test_a_failed_run_is_a_zero_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    record_failure("flights", RUN_ID)
    (line,) = written(capsys)
    assert units(line) == {"RunsSucceeded": (0, "Count")}
    assert dimensions(line) == {"service": "DriftMonitor-test", "monitor": "flights"}
    assert line["run_id"] == RUN_ID


def test_a_run_without_a_score_has_no_share(capsys: pytest.CaptureFixture[str]) -> None:
    record_success(a_monitor(), a_result([a_column("x", "error")]), 1)
    (line,) = written(capsys)
    told = {"RunsSucceeded", "RunsWithoutData", "RunDuration", "CurrentRows"}
    assert units(line).keys() == told


def test_a_run_without_data_has_succeeded_and_is_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    record_success(a_monitor(), without_data(), 1)
    (line,) = written(capsys)
    assert units(line) == {
        "RunsSucceeded": (1, "Count"),
        "RunsWithoutData": (1, "Count"),
        "RunDuration": (1, "Seconds"),
        "CurrentRows": (12, "Count"),
    }


def test_scores_are_lines_of_their_own_for_who_asked_for_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    scored = [a_column(f"x{number}", score=number / 1000) for number in range(250)]
    unscored = [a_column(status, status) for status in ("skipped", "missing", "new", "error")]
    not_numbers = [a_column("nan", score=float("nan")), a_column("inf", score=float("inf"))]
    result = a_result([*scored, *unscored, *not_numbers])
    record_success(a_monitor(column_metrics=True), result, 1)
    _, *lines = written(capsys)
    assert {(line["column"], *units(line).pop("DriftScore")) for line in lines} == {
        (f"x{number}", number / 1000, "None") for number in range(250)
    }
    assert {tuple(dimensions(line)) for line in lines} == {("monitor", "column", "service")}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("dep_delay", "dep_delay"),
        ("Verspätung", r"Versp\xe4tung"),
        ("遅延", r"\u9045\u5ef6"),
        ("two\nlines", r"two\nlines"),
        ("", "''"),
        ("  ", "'  '"),
        (":odd", "':odd'"),
        ("x" * 2000, "x" * 1024),
    ],
)
def test_a_column_of_any_name_has_a_score(
    capsys: pytest.CaptureFixture[str], column: str, value: str
) -> None:
    record_success(a_monitor(column_metrics=True), a_result([a_column(column)]), 1)
    _, line = written(capsys)
    assert dimensions(line)["column"] == value


def test_without_the_stack_s_environment_the_namespace_is_ours(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("POWERTOOLS_METRICS_NAMESPACE")
    record_failure("flights", RUN_ID)
    assert len(written(capsys)) == 1


def test_metrics_that_cannot_be_written_are_logged_and_fail_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Closed:
        def write(self, _text: str) -> None:
            raise BrokenPipeError("nobody reads stdout")

    with monkeypatch.context() as patched:
        patched.setattr("sys.stdout", Closed())
        record_success(a_monitor(), a_result(), 1)
        record_failure("flights", RUN_ID)
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]
    assert "nobody reads stdout" in caplog.text


def test_without_a_verdict_there_is_no_share(capsys: pytest.CaptureFixture[str]) -> None:
    """As where no scored column has an importance: a share of 0 would look like no drift."""
    record_success(a_monitor(), a_result([a_column("x", "drifted")], status="error"), 12.5)
    (line,) = written(capsys)
    assert not {"DriftedShare", "DriftedColumns"} & units(line).keys()
