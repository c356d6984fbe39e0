"""The alert about a run: decided and written here, and sent once."""

import logging
from dataclasses import dataclass

from drift_monitor.alerts.chat import ChatMessage, compose_chat
from drift_monitor.alerts.decision import AlertDecision, decide, runs_needed
from drift_monitor.alerts.delivery import send_once
from drift_monitor.alerts.email import Email, compose
from drift_monitor.alerts.notifiers import Notifier
from drift_monitor.config.monitor import Monitor
from drift_monitor.results.run import DriftResult
from drift_monitor.site.history import RunEntry, recent_runs
from drift_monitor.site.layout import MonitorFiles
from drift_monitor.site.store import Site

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Alert:
    """What is sent about a run.

    Attributes:
        decision: whether anything is, and why.
        email: None where nothing is sent.
        chat: None where nothing is sent, or the monitor's alerts do not go to a chat.
    """

    decision: AlertDecision
    email: Email | None = None
    chat: ChatMessage | None = None


def write_alert(monitor: Monitor, result: DriftResult, site: Site) -> Alert:
    """Decide whether a run's messages are sent, and write those that are.

    Args:
        monitor: whose run it is.
        result: what the run found.
        site: has the runs before it; the messages link to it.
    """
    alerts = monitor.alerts
    recent = recent_runs(site.store, result.monitor, result.run_id, runs_needed(alerts))
    decision = decide(alerts, RunEntry.of(result), recent)
    if not decision.send:
        return Alert(decision)
    email = compose(result, decision, site.url)
    return Alert(decision, email, compose_chat(result, decision, site.url) if alerts.chat else None)


def alert(monitor: Monitor, result: DriftResult, site: Site, notifier: Notifier) -> None:
    """Send a run's messages if they are to be sent, once even if the run is run again.

    A note beside the run says of each message that it is sent, so a chat message that fails does
    not repeat the email. A run without data has notes of its own: when the data is there and the
    run is run again, its messages are sent.
    """
    found = write_alert(monitor, result, site)
    what = "Alert" if found.decision.send else "No alert"
    logger.info("%s: %s, %s", what, found.decision.state, found.decision.reason)
    files, before = MonitorFiles(result.monitor), "no-data-" if result.status == "no_data" else ""
    if found.email is not None:
        send_once(found.email, notifier, site.store, files.note(result.run_id, f"{before}email"))
    if found.chat is not None:
        send_once(found.chat, notifier, site.store, files.note(result.run_id, f"{before}chat"))
