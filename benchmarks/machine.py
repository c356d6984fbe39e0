"""The machine that something is measured on, in words."""

import os
import platform
import re
from pathlib import Path


def machine() -> str:
    """Return its cores, memory, processor and Python."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    name = cpu[1] if cpu else platform.machine()
    return f"{cores} cores, {memory:.0f} GiB, {name}, Python {platform.python_version()}"
