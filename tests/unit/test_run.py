"""One run from its tables to its email, on small tables in a folder."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from support.builders import MONDAY, WEEK, a_monitor

from drift_monitor.alerts.chat import ChatMessage
from drift_monitor.alerts.email import Email
from drift_monitor.alerts.notifiers import Message
from drift_monitor.config.monitor import Monitor
from drift_monitor.errors import DriftMonitorError
from drift_monitor.run import run
from drift_monitor.site.store import Site
from drift_monitor.storage import Folder

pytestmark = pytest.mark.xdist_group("evidently")

WriteTable = Callable[..., str]
ROWS = 40
HOUR = timedelta(hours=1)


class Mailbox:
    """Keeps what it is sent; refuses as often as it is told to."""

    def __init__(self, refusals: int = 0) -> None:
        self.emails: list[Message] = []
        self.refused: type[Message] | None = None
        self._refusals = refusals

    def send(self, email: Message) -> None:
        if self.refused and isinstance(email, self.refused):
            raise ConnectionError("SNS is down")
        if self._refusals:
            self._refusals -= 1
            raise ConnectionError("SNS is down")
        self.emails.append(email)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(Folder(tmp_path / "site"), "https://example.com/")


@pytest.fixture
def monitor(write_table: WriteTable, tmp_path: Path) -> Monitor:
    for day in (21, 22, 23, 28, 29, 30):
        moved = 100 if day > 25 else 0
        write_table(f"daily/2013-06-{day}.parquet", {"x": [n + moved for n in range(ROWS)]})
    return a_monitor(
        reference={"location": write_table("reference.parquet", {"x": range(ROWS)})},
        current={"location": f"{tmp_path}/daily/{{date:%Y-%m-%d}}.parquet", "window": "7d"},
        minimum_rows=ROWS,
    )


def test_a_run_reads_the_window_before_its_time(monitor: Monitor, site: Site) -> None:
    result = run(monitor, MONDAY, site=site, notifier=None)
    assert result.window is not None
    assert (result.window.start.day, result.window.end.day) == (17, 24)
    assert (result.current.files, result.current.rows) == (3, 3 * ROWS)
    assert [Path(file).stem[-2:] for file in result.current.missing_files] == [
        "17",
        "18",
        "19",
        "20",
    ]
    assert (result.status, result.reference.rows) == ("ok", ROWS)


def test_a_run_again_sends_no_second_email(monitor: Monitor, site: Site) -> None:
    mailbox = Mailbox()
    for _ in range(2):
        run(monitor, MONDAY, site=site, notifier=mailbox)
    assert [email.name for email in mailbox.emails] == ["flights-20130624T093000Z"]


def test_a_run_whose_email_failed_sends_it_when_it_runs_again(monitor: Monitor, site: Site) -> None:
    mailbox = Mailbox(refusals=1)
    with pytest.raises(ConnectionError):
        run(monitor, MONDAY, site=site, notifier=mailbox)
    run(monitor, MONDAY, site=site, notifier=mailbox)
    assert len(mailbox.emails) == 1


def test_a_run_that_told_nobody_can_still_tell(monitor: Monitor, site: Site) -> None:
    mailbox = Mailbox()
    run(monitor, MONDAY, site=site, notifier=None)
    run(monitor, MONDAY, site=site, notifier=mailbox)
    assert len(mailbox.emails) == 1


def test_a_run_without_data_is_told_and_once_the_data_is_there_what_it_finds(
    monitor: Monitor, site: Site, write_table: WriteTable
) -> None:
    mailbox, later = Mailbox(), MONDAY + 2 * WEEK
    for _ in range(2):
        run(_with_alerts(monitor, chat=True), later, site=site, notifier=mailbox)
    write_table("daily/2013-07-02.parquet", {"x": range(100, 100 + ROWS)})
    for _ in range(2):
        run(_with_alerts(monitor, chat=True), later, site=site, notifier=mailbox)
    told = [(type(message), message.attributes["status"]) for message in mailbox.emails]
    assert told == [
        (Email, "no_data"),
        (ChatMessage, "no_data"),
        (Email, "drifted"),
        (ChatMessage, "drifted"),
    ]


def test_on_change_is_against_the_run_before(monitor: Monitor, site: Site) -> None:
    changes = monitor.model_copy(
        update={"alerts": monitor.alerts.model_copy(update={"when": "on_change"})}
    )
    mailbox = Mailbox()
    sent = []
    for moment in (MONDAY, MONDAY.replace(hour=12), MONDAY + WEEK):
        run(changes, moment, site=site, notifier=mailbox)
        sent.append([email.attributes["status"] for email in mailbox.emails])
    assert sent == [["ok"], ["ok"], ["ok", "drifted"]]


def _with_alerts(monitor: Monitor, **alerts: object) -> Monitor:
    changed = monitor.alerts.model_copy(update=alerts)
    return monitor.model_copy(update={"alerts": changed})


def test_an_alert_waits_for_drift_to_last_and_a_backfill_in_any_order_tells_the_same(
    monitor: Monitor, site: Site, tmp_path: Path
) -> None:
    waits = _with_alerts(monitor, when="on_drift", after=2)
    moments = [MONDAY + WEEK, MONDAY + WEEK + HOUR, MONDAY + WEEK + 2 * HOUR]
    mailbox, again = Mailbox(), Mailbox()
    for moment in moments:
        run(waits, moment, site=site, notifier=mailbox)
    subjects = [email.subject.split(":")[0] for email in mailbox.emails]
    assert subjects == ["Drift", "Still drifting"]
    elsewhere = replace(site, store=Folder(tmp_path / "elsewhere"))
    for moment in reversed(moments):
        run(waits, moment, site=elsewhere, notifier=None)
    for moment in moments:
        run(waits, moment, site=elsewhere, notifier=again)
    assert again.emails == mailbox.emails


def test_a_chat_message_goes_out_once_and_beside_the_email(monitor: Monitor, site: Site) -> None:
    mailbox = Mailbox()
    for _ in range(2):
        run(_with_alerts(monitor, chat=True), MONDAY, site=site, notifier=mailbox)
    assert [type(message) for message in mailbox.emails] == [Email, ChatMessage]


def test_a_chat_message_that_failed_is_sent_again_and_the_email_is_not(
    monitor: Monitor, site: Site
) -> None:
    chatty = _with_alerts(monitor, chat=True)
    mailbox = Mailbox()
    mailbox.refused = ChatMessage
    with pytest.raises(ConnectionError):
        run(chatty, MONDAY, site=site, notifier=mailbox)
    mailbox.refused = None
    run(chatty, MONDAY, site=site, notifier=mailbox)
    assert [type(message) for message in mailbox.emails] == [Email, ChatMessage]


@pytest.mark.parametrize("side", ["reference", "current"])
def test_without_a_window_too_few_rows_fail_the_run_and_publish_nothing(
    monitor: Monitor, site: Site, write_table: WriteTable, tmp_path: Path, side: str
) -> None:
    few = write_table("few.parquet", {"x": [1, 2]})
    table = getattr(monitor, side).model_copy(
        update={"location": few, "window": None} if side == "current" else {"location": few}
    )
    mailbox = Mailbox()
    with pytest.raises(DriftMonitorError, match=f"{side} has 2 rows at .*few.parquet, fewer than"):
        run(monitor.model_copy(update={side: table}), MONDAY, site=site, notifier=mailbox)
    assert not list((tmp_path / "site").glob("**/*.*ml"))
    assert mailbox.emails == []


def test_a_run_in_which_nothing_could_be_scored_is_published_and_told(
    monitor: Monitor, site: Site, tmp_path: Path
) -> None:
    nothing = monitor.model_copy(
        update={
            "columns": monitor.columns.model_copy(update={"exclude": ["*"]}),
            "alerts": monitor.alerts.model_copy(update={"when": "on_drift"}),
        }
    )
    mailbox = Mailbox()
    result = run(nothing, MONDAY, site=site, notifier=mailbox)
    assert result.status == "error"
    assert [email.attributes["status"] for email in mailbox.emails] == ["error"]
    assert "No column could be scored" in (tmp_path / "site/index.html").read_text(encoding="utf-8")


def test_the_same_run_writes_the_same_bytes_in_two_places(
    monitor: Monitor, site: Site, tmp_path: Path
) -> None:
    elsewhere = replace(site, store=Folder(tmp_path / "elsewhere"))
    for place in (site, elsewhere):
        run(monitor, MONDAY, site=place, notifier=None)
    json_files = sorted(
        path.relative_to(tmp_path / "site") for path in tmp_path.glob("site/**/*.json")
    )
    assert json_files
    for file in json_files:
        assert (tmp_path / "site" / file).read_bytes() == (
            tmp_path / "elsewhere" / file
        ).read_bytes()


def test_evidently_s_page_agrees_with_the_table_s_verdict(
    site: Site, write_table: WriteTable, tmp_path: Path
) -> None:
    """Of a table that one unusual column does not make drift: `judge: history`."""
    random = np.random.default_rng(6)

    def write(name: str, shift: float) -> str:
        columns = {f"c{number}": random.normal(size=400) for number in range(9)}
        return write_table(name, columns | {"x": random.normal(shift, 1, 400)})

    for week in range(10):
        write(f"daily/{MONDAY + week * WEEK:%Y-%m-%d}.parquet", 0.3 if week == 9 else 0)
    monitor = a_monitor(
        reference={"location": write("reference.parquet", 0)},
        current={"location": f"{tmp_path}/daily/{{date:%Y-%m-%d}}.parquet", "window": "1d"},
        drift={"judge": "history", "columns": {"x": {"threshold": 0.2}}},
    )
    for week in range(10):
        moment = MONDAY + week * WEEK + timedelta(days=1)
        result = run(monitor, moment, site=site, notifier=None)
    assert (result.status, result.drifted_columns) == ("ok", 1)
    page = site.store.read("index.html")
    assert page is not None
    assert b"Dataset Drift is NOT detected" in page.body
