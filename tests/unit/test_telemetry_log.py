"""Every line that is logged while a run is under way names it, and none afterwards."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from drift_monitor.errors import DriftMonitorError
from drift_monitor.telemetry import run_log, set_levels

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
