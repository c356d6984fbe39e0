"""What the tests of slices share: a table with a shift in one of its slices, and slices of it."""

import numpy as np
from support.builders import InMemory, a_monitor

from drift_monitor.analysis.drift.comparison import compare
from drift_monitor.analysis.slices.comparison import compare_slices
from drift_monitor.config.monitor import Monitor
from drift_monitor.results.slices import SliceDrift

N = 300


def carriers(rows: int = N, shift: float = 0.0) -> dict[str, object]:
    """Return a table in which the rows of carrier B alone have another delay."""
    rng = np.random.default_rng(20 + int(shift))  # a table of its own, whatever was made before
    carrier = (["A", "B", "B", "C"] * rows)[:rows]
    delay = rng.normal(size=rows) + [shift * (each == "B") for each in carrier]
    return {
        "carrier": carrier,
        "origin": (["JFK", "EWR", None] * rows)[:rows],
        "delay": delay,
        "word": rng.choice(["x", "y"], rows),
    }


def by(*columns: str, **rules: object) -> Monitor:
    return a_monitor(slices={"by": columns, "smallest": 50, **rules})


def compared(reference: InMemory, current: InMemory, monitor: Monitor) -> list[SliceDrift]:
    columns = compare(reference, current, monitor).columns
    return compare_slices(reference, current, monitor, columns)


def slices_of(monitor: Monitor, reference: object, current: object) -> list[SliceDrift]:
    return compared(InMemory(reference), InMemory(current), monitor)
