"""Telling people of a run: whether, in which words, and once."""

import logging

from drift_monitor.alerts.chat import compose_chat
from drift_monitor.alerts.decision import decide, runs_needed
from drift_monitor.alerts.delivery import send_once
from drift_monitor.alerts.email import compose
from drift_monitor.alerts.notifiers import Notifier
from drift_monitor.config.monitor import Monitor
from drift_monitor.results.run import DriftResult
from drift_monitor.site.history import recent_runs
from drift_monitor.site.store import Site

logger = logging.getLogger(__name__)


def alert(monitor: Monitor, result: DriftResult, site: Site, notifier: Notifier) -> None:
    """Send the run's messages if people want to hear of it, once however often the run is run.

    Each has a note of its own: a chat message that fails does not repeat the email when it is sent
    again. So has a run without data: when the data is there and it is run again, people are told.
    """
    alerts = monitor.alerts
    recent = recent_runs(site.store, result.monitor, result.run_id, runs_needed(alerts))
    decision = decide(alerts, result, recent)
    told = "Told" if decision.send else "Not told"
    logger.info("%s: %s, %s", told, decision.state, decision.reason)
    if not decision.send:
        return
    folder = f"monitors/{result.monitor}/runs/{result.run_id}"
    notes = f"{folder}/no-data-" if result.status == "no_data" else f"{folder}/"
    email = compose(result, decision, site.url)
    send_once(email, notifier, site.store, f"{notes}email.json")
    if alerts.chat:
        chat = compose_chat(result, decision, site.url)
        send_once(chat, notifier, site.store, f"{notes}chat.json")
