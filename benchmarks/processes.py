"""What a command uses, and all processes below it: Python, Java, and Java's Python workers."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_PAUSE = 0.2


@dataclass(frozen=True)
class Usage:
    """What some processes have used: seconds of processors, and MB of memory."""

    seconds: float
    mb: float


def watch(command: list[str], log: Path) -> dict[str, Any]:
    """Run a command to its end; return its time, and what all of its processes used."""
    start = time.perf_counter()
    peak, spent = 0.0, dict[int, float]()
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        ended, status = 0, 0
        while not ended:
            family = _family(process.pid)
            # One that ended while it was looked at says 0.
            spent |= {pid: usage.seconds for pid, usage in family.items() if usage.seconds}
            peak = max(peak, sum(usage.mb for usage in family.values()))
            time.sleep(_PAUSE)
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
    spent[process.pid] = usage.ru_utime + usage.ru_stime
    process.returncode = os.waitstatus_to_exitcode(status)
    text = log.read_text(encoding="utf-8", errors="replace")
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{text[-2000:]}")
    figures = {"seconds": time.perf_counter() - start, "cpu": sum(spent.values()), "mb": peak}
    last = text.strip().splitlines()[-1]
    return {**figures, **(json.loads(last) if last.startswith("{") else {})}


def spent() -> float:
    """Return the seconds of processors that this process and all below it have used so far."""
    total = 0.0
    for pid in _pids(os.getpid()):
        fields = _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
        # With those of its children that have ended.
        total += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return total


def _family(top: int) -> dict[int, Usage]:
    """Return what a process and all below it use."""
    return {pid: _usage(pid) for pid in _pids(top)}


def _pids(top: int) -> set[int]:
    """Return a process and all below it."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        fields = _read(path).rpartition(")")[2].split()
        if fields:
            parents[int(path.parent.name)] = int(fields[1])
    family = {top}
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    return family


def _usage(pid: int) -> Usage:
    fields = _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    # Its own: what its children have used is counted as theirs.
    ticks = sum(map(int, fields[11:13])) if fields else 0
    shared_out = _read(Path(f"/proc/{pid}/smaps_rollup"))
    kb = next((line.split()[1] for line in shared_out.splitlines() if line.startswith("Pss:")), 0)
    return Usage(ticks / os.sysconf("SC_CLK_TCK"), int(kb) * 1024 / 1e6)


def _read(path: Path) -> str:
    """Read a file of a process that may have ended."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
