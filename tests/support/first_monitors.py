"""Writes first monitors, and reads the file as every command does."""

from datetime import UTC, datetime
from pathlib import Path

from drift_monitor.cli.first_monitor.proposal import FirstMonitor, propose
from drift_monitor.config.load import load_monitor

NOW = datetime(2013, 7, 20, 9, 30, tzinfo=UTC)


def init(*locations: str, now: datetime = NOW) -> FirstMonitor:
    """Write a first monitor to m.yaml."""
    first = propose(
        list(locations), name="", file="m.yaml", now=now, progress=lambda _what, _done, _of: None
    )
    Path("m.yaml").write_text(first.text, encoding="utf-8")
    assert load_monitor(Path("m.yaml")) == first.monitor
    return first
