"""Running one contestant in a process of its own, with its wall time and its peak memory."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TypedDict

from peers import InstallError, python_of
from sizes import CONTESTANTS, DATA, HERE, table_folder

REASON_LENGTH = 160


class Run(TypedDict, total=False):
    """One run: its seconds and peak MB (10^6 bytes), or why it failed; and in which session."""

    seconds: float
    mb: float
    failed: str
    session: int


def measure(contestant: str, size: str, timeout: float) -> Run:
    """Run a contestant once on a table."""
    peer = CONTESTANTS[contestant].peer
    try:
        python = python_of(peer) if peer else Path(sys.executable)
    except InstallError as error:
        return Run(failed=f"cannot be installed: {_clean(str(error))}")
    # A peer's script has the peer's name: -P, so that it does not import itself.
    command = [str(python), *(["-P"] if peer else []), str(HERE / "contestants" / contestant)]
    command[-1] += ".py"
    command += [str(table_folder(size) / f"{side}.parquet") for side in ("reference", "current")]
    log = DATA / "logs" / size / f"{contestant}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, log.open("wb") as output:
        return watch([*command, folder], output.fileno(), log, timeout)


def watch(command: list[str], output: int, log: Path, timeout: float) -> Run:
    """Wait for a process, no longer than its time; this process is small, so as not to be counted.

    Linux counts the starter's memory as the new process's own, up to the moment it starts.
    """
    environment = {
        **os.environ,
        "DO_NOT_TRACK": "1",
        "NML_DISABLE_USAGE_LOGGING": "1",
        "PYTHONWARNINGS": "ignore",
    }
    start = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=output, stderr=output, env=environment, start_new_session=True
    )
    stopped = threading.Event()

    def stop() -> None:
        stopped.set()
        os.killpg(process.pid, signal.SIGKILL)

    timer = threading.Timer(timeout, stop)
    timer.start()
    try:
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:
        stop()
        raise
    finally:
        timer.cancel()
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if stopped.is_set():
        return Run(failed=f"stopped after {timeout:.0f} s")
    if process.returncode == -signal.SIGKILL:
        return Run(failed=f"killed after {seconds:.0f} s, most likely for want of memory")
    if process.returncode:
        return Run(failed=_last_line(log))
    return Run(seconds=seconds, mb=usage.ru_maxrss * 1024 / 1e6)


def _last_line(log: Path) -> str:
    """Return what a failed process said last: a traceback ends with its reason."""
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return _clean(lines[-1]) if lines else "failed without a word"


def _clean(reason: str) -> str:
    """Cut a reason to a table's cell, without this machine's paths and addresses."""
    reason = re.sub(r"\w+://\S+|(?<!\w)/[\w.+-]+(/[\w.+-]+)+", "…", reason)
    return reason.replace("|", "/")[:REASON_LENGTH]
