"""Measure the same scores on Spark, on this machine's cores; write them to RESULTS.md.

Each run is a process of its own. Its processor time and memory are those of all its processes:
Python, Java, and Java's Python workers. The column engine runs beside, as in run.py.

  make .venv-spark/ready                        Spark, and a Python that it runs with
  export PATH=$PWD/.venv-spark/bin:$PATH
  python benchmarks/spark.py                    some 30 minutes on 2 cores, 10 GB of disk, Java 17
  python benchmarks/spark.py --sizes 10k20      does everything still run? (no results)
"""

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from machine import machine
from run import make_tables, names, read_once
from sections import write_section
from sizes import DATA, GENERATED, HERE, table_folder

FOLDED = {"50m20": ("10m20", 5)}
"""Tables that are others several times over: no disk here has room for more."""
SIZES = ["1m20", "1m200", "10m20", "50m20"]
PARTITIONS = {"10m20": [2, 8, 64, 512]}
COLUMNS, SPARK = "this_project_scores", "this_project_spark"
LOGS = DATA / "logs" / "spark"
_PAUSE = 0.2
SECTION = """## On Spark: this machine's cores as a cluster

Written by `python benchmarks/spark.py`. One run each, of whole processes; processor time and memory
are of Python, Java and Java's Python workers together, memory at its peak, without what they share
counted twice, in MB of 10⁶ bytes. The time that the comparison takes is without starting Python and
Java. 50 million rows are the 10 million five times over, as there is no disk for more: each value
occurs five times, so what Spark has to keep and ask of them once they are put together is a fifth
of what 50 million different ones would be.

- Machine: {machine}
- Versions: {versions}

{head}
{rows}

- {partitions}
- {growth}
- {beside}
"""
HEAD = """| | partitions | time | comparison | processor time | per million values | peak memory |
|---|---|---|---|---|---|---|"""
Run = dict[str, Any]


@dataclass(frozen=True)
class Usage:
    """What some processes have used: seconds of processors, and MB of memory."""

    seconds: float
    mb: float


def watch(command: list[str], log: Path) -> Run:
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


def _family(top: int) -> dict[int, Usage]:
    """Return what a process and all below it use."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        fields = _read(path).rpartition(")")[2].split()
        if fields:
            parents[int(path.parent.name)] = int(fields[1])
    family = {top}
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    return {pid: _usage(pid) for pid in family}


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


def sides(size: str) -> list[str]:
    """Return where a table's two sides are, made if they are not there."""
    if size not in FOLDED:
        make_tables([size])
        return [str(table_folder(size) / f"{side}.parquet") for side in ("reference", "current")]
    original, times = FOLDED[size]
    make_tables([original])
    found = []
    for side in ("reference", "current"):
        folder = table_folder(size) / side
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(times):
            link = folder / f"{number}.parquet"
            if not link.exists():
                link.hardlink_to(table_folder(original) / f"{side}.parquet")
        found.append(str(folder))
    return found


def values(size: str) -> int:
    """Return how many values both sides have."""
    original, times = FOLDED.get(size, (size, 1))
    rows, columns = GENERATED[original]
    return 2 * rows * times * columns


def measure(size: str, contestant: str, partitions: int = 0) -> Run:
    """Run a contestant once on a table."""
    script = HERE / "contestants" / f"{contestant}.py"
    log = LOGS / f"{size}-{contestant}-{partitions}.log"
    read_once(FOLDED.get(size, (size, 1))[0])
    run = watch([sys.executable, str(script), *sides(size), str(partitions)], log)
    run |= {"size": size, "contestant": contestant, "partitions": partitions}
    print(
        f"{size}: {contestant}, {partitions or 'own'} partitions: {run['seconds']:.1f} s, "
        f"{run['cpu']:.1f} s of processors, {run['mb']:,.0f} MB",
        file=sys.stderr,
        flush=True,
    )
    return run


def title(size: str) -> str:
    """Return what the results call a table."""
    original, times = FOLDED.get(size, (size, 1))
    rows, columns = GENERATED[original]
    return f"{rows * times / 1e6:g}M x {columns}"


def row(run: Run) -> str:
    """Return a line of the section's table."""
    is_spark = run["contestant"] == SPARK
    cells = [
        f"{title(run['size'])}, {'Spark' if is_spark else 'column engine'}",
        f"{run['partitions'] or 'its own choice'}" if is_spark else "",
        f"{run['seconds']:.1f} s",
        f"{run['compare']:.1f} s" if is_spark else "",
        f"{run['cpu']:.1f} s",
        f"{run['cpu'] / values(run['size']) * 1e6:.2f} s",
        f"{run['mb']:,.0f} MB",
    ]
    return f"| {' | '.join(cells)} |"


def same_digits(runs: list[Run]) -> str:
    """Say whether the number of partitions changed a digit."""
    tried = [run for run in runs if run["contestant"] == SPARK and run["size"] in PARTITIONS]
    numbers = ", ".join(str(run["partitions"]) for run in tried if run["partitions"])
    same = len({run["digest"] for run in tried}) == 1
    outcome = "gave every number the same to the last digit" if same else "gave **other** numbers"
    return f"{numbers} partitions, and Spark's own choice of them, {outcome}."


def growth(runs: list[Run]) -> str:
    """Say how processor time grows with rows and with columns."""
    cpu = {
        run["size"]: run["cpu"]
        for run in runs
        if run["contestant"] == SPARK and not run["partitions"]
    }
    rows = f"ten times the rows took {cpu['10m20'] / cpu['1m20']:.1f} times the processor time"
    again = f"five times as many again {cpu['50m20'] / cpu['10m20']:.1f} times"
    columns = f"ten times the columns {cpu['1m200'] / cpu['1m20']:.1f} times"
    return f"{rows[0].upper()}{rows[1:]}, {again}, {columns}; starting is a part of the smallest."


def beside(runs: list[Run]) -> str:
    """Say what Spark costs where one machine would do."""
    cpu = {run["contestant"]: run["cpu"] for run in runs if run["size"] == "50m20"}
    ratio = cpu[SPARK] / cpu[COLUMNS]
    return f"At 50M x 20 Spark took {ratio:.1f} times the column engine's processor time."


def versions() -> str:
    """Return those of Spark and Java."""
    from importlib.metadata import version  # noqa: PLC0415 - beside what needs it

    java = subprocess.run(["java", "-version"], capture_output=True, text=True, check=True)  # noqa: S607
    return f"pyspark {version('pyspark')}, {java.stderr.splitlines()[0]}"


def main() -> None:
    """Measure each size by both engines, and write the section."""
    known = [*GENERATED, *FOLDED]
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=lambda text: names(text, known), default=SIZES)
    options = parser.parse_args()
    LOGS.mkdir(parents=True, exist_ok=True)
    runs: list[Run] = []
    for size in options.sizes:
        runs += [measure(size, COLUMNS), measure(size, SPARK)]
        runs += [measure(size, SPARK, partitions) for partitions in PARTITIONS.get(size, [])]
    lines = "\n".join([HEAD, *map(row, runs)])
    if options.sizes != SIZES:
        print(lines)
        return
    text = SECTION.format(
        machine=machine(),
        versions=versions(),
        head=HEAD,
        rows="\n".join(map(row, runs)),
        partitions=same_digits(runs),
        growth=growth(runs),
        beside=beside(runs),
    )
    write_section("spark", text)


if __name__ == "__main__":
    main()
