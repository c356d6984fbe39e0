"""What a stretch of reading took: time, CPU here, and CPU in the server's process."""

import os
import time
from pathlib import Path


def clock(server: int) -> dict[str, float]:
    """Return the seconds so far: of time, of this process's CPU, of the server's."""
    stat = Path(f"/proc/{server}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    ticks = int(stat[11]) + int(stat[12])
    return {
        "seconds": time.perf_counter(),
        "own": time.process_time(),
        "server": ticks / os.sysconf("SC_CLK_TCK"),
    }


def since(start: dict[str, float], server: int) -> dict[str, float]:
    """Return the same since an earlier time."""
    return {name: now - start[name] for name, now in clock(server).items()}
