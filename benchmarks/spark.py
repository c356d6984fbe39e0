"""Measure the same scores on Spark, on this machine's cores; write them to RESULTS.md.

Each run is a process of its own. Its processor time is that of all its processes: Python, Java, and
Java's Python workers. The column engine runs beside, in the same turns.

  make .venv-spark/ready                        Spark, and a Python that it runs with
  export PATH=$PWD/.venv-spark/bin:$PATH
  python benchmarks/spark.py                    some 15 minutes on 2 cores, 10 GB of disk, Java 17
  python benchmarks/spark.py --sizes 10k20      does everything still run? (no results)
"""

import argparse
import subprocess
import sys
from collections.abc import Iterable, Iterator
from math import log
from statistics import median
from typing import Any

from machine import machine
from processes import watch
from run import make_tables, names, read_once
from sections import write_section
from sizes import DATA, GENERATED, HERE, table_folder

from drift_monitor.config.engines import BYTES_PER_ROW, MEMORY_GB, Worker, smallest_worker

FOLDED = {"50m20": ("10m20", 5)}
"""Tables that are others several times over: no disk here has room for more."""
SIZES = ["1m20", "1m200", "10m20", "50m20"]
TURNS = {"1m20": 3, "10m20": 3}
"""How often each is measured; once where it is not said."""
MEMORY = {"50m20": 3 << 30}
"""Bytes for columns; elsewhere 512 MB. Two columns of 10 million rows on both sides take 480 MB,
two of 50 million 2.4 GB."""
BOUND = 1.5
"""The most processor time that Spark may take, times the column engine's, from 10M x 20 on."""
WORKERS = {"10m20": ["1", "2", "4"]}
"""Executors of one core each, where their number is varied."""
COLUMNS, SESSION = "columns", "session"
VCPU_HOUR, GB_HOUR = 0.052624, 0.0057785
"""EMR Serverless's list prices in us-east-1, in dollars."""
LOGS = DATA / "logs" / "spark"
SECTION = """## On Spark: this machine's cores as a cluster

Written by `python benchmarks/spark.py`. Medians of whole processes, in turns. The comparison is
without starting Python, Java and Spark, which stands apart; its processor time is that of all
processes, and the ratio is to the column engine's. Memory is the most that a task's process takes
beside what it had before the comparison, in MB of 10⁶ bytes; the budget is what it is given for
columns. 50 million rows are the 10 million five times over, as there is no disk for more.

- Machine: {machine}
- Versions: {versions}

{head}
{rows}

- {digits}
- {bounds}
- {growth}
- {workers}

**On paper**, by {seconds:.3f} s of a processor for a million values (10M x 20 on Spark, reading
included) and EMR Serverless's list prices in us-east-1 ({vcpu} $ a vCPU-hour, {gb} $ a GB-hour),
for 100 columns. A column is put in order by one thread, so a worker compares as many at once as its
memory holds, and no more than it has processors. With `spark_maximum_vcpu: 64`, of which a driver
of 4 vCPU and 16 GB is a part; time grows with the logarithm of the rows, too, as they are put in
order. Not in it: two or three minutes to start, what reading from S3 takes beside a local disk, and
disk above 20 GB (some 3 %). Longer runs than two hours need a larger `spark_timeout_minutes`.

{paper_head}
{paper}

{limit}
"""
HEAD = """| | start: time, processors | comparison | processors | ratio | memory | budget |
|---|---|---|---|---|---|---|"""
PAPER_HEAD = """| Rows a table | Worker | Columns at once | Workers | Minutes | Dollars a run |
|---|---|---|---|---|---|"""
Run = dict[str, Any]


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


def measure(size: str, engine: str, turn: int) -> Run:
    """Run an engine once on a table."""
    memory = MEMORY.get(size, 512 << 20)
    script, log = HERE / "contestants" / "this_project_spark.py", LOGS / f"{size}-{engine}.log"
    read_once(FOLDED.get(size, (size, 1))[0])
    run = watch([sys.executable, str(script), *sides(size), engine, str(memory)], log)
    print(
        f"{size}, {engine}, turn {turn + 1}: {run['compare']:.1f} s, {run['compare_cpu']:.1f} s of "
        f"processors, {run['columns_mb']:,.0f} MB",
        file=sys.stderr,
        flush=True,
    )
    return {**run, "size": size, "engine": engine, "memory": memory}


def measure_all(sizes: list[str]) -> list[Run]:
    """Measure every engine on every table in turns; return the medians, in order."""
    medians = []
    for size in sizes:
        engines = [COLUMNS, SESSION, *WORKERS.get(size, [])]
        turns = [
            {engine: measure(size, engine, turn) for engine in engines}
            for turn in range(TURNS.get(size, 1))
        ]
        medians += [middle([turn[engine] for turn in turns]) for engine in engines]
    return medians


def middle(runs: list[Run]) -> Run:
    """Return the medians of some runs; they must agree on every digit."""
    if len({run["digest"] for run in runs}) > 1:
        sys.exit(f"{runs[0]['size']}, {runs[0]['engine']}: two runs gave two results")
    figures = ("start", "start_cpu", "compare", "compare_cpu", "columns_mb")
    return {**runs[0], **{name: median(run[name] for run in runs) for name in figures}}


def title(size: str) -> str:
    """Return what the results call a table."""
    original, times = FOLDED.get(size, (size, 1))
    rows, columns = GENERATED[original]
    return f"{rows * times / 1e6:g}M x {columns}"


def values(size: str) -> int:
    """Return how many values both tables have."""
    original, times = FOLDED.get(size, (size, 1))
    rows, columns = GENERATED[original]
    return 2 * rows * times * columns


def of(runs: Iterable[Run], size: str, engine: str) -> Run:
    """Return the figures of an engine on a table."""
    return next(run for run in runs if (run["size"], run["engine"]) == (size, engine))


def row(run: Run, runs: list[Run]) -> str:
    """Return a line of the section's table."""
    engine = {COLUMNS: "column engine", SESSION: "Spark, one task with all cores"}.get(
        run["engine"], f"Spark, executors of one core: {run['engine']}"
    )
    ratio = run["compare_cpu"] / of(runs, run["size"], COLUMNS)["compare_cpu"]
    start = f"{run['start']:.1f} s, {run['start_cpu']:.1f} s"
    cells = [
        f"{title(run['size'])}, {engine}",
        "" if run["engine"] == COLUMNS else start,
        f"{run['compare']:.1f} s",
        f"{run['compare_cpu']:.1f} s",
        "" if run["engine"] == COLUMNS else f"{ratio:.2f}",
        f"{run['columns_mb']:,.0f} MB",
        f"{run['memory'] / 1e6:,.0f} MB",
    ]
    return f"| {' | '.join(cells)} |"


def digits(runs: list[Run]) -> str:
    """Say whether Spark gave the column engine's digits."""
    same = all(run["digest"] == of(runs, run["size"], COLUMNS)["digest"] for run in runs)
    return (
        "Every figure of every column was the column engine's, to the last digit."
        if same
        else "Spark gave **other** figures than the column engine."
    )


def bounds(runs: list[Run]) -> str:
    """Say whether processor time and memory are within their bounds."""
    large = [run for run in runs if run["size"] in ("10m20", "50m20") and run["engine"] == SESSION]
    ratios = [run["compare_cpu"] / of(runs, run["size"], COLUMNS)["compare_cpu"] for run in large]
    over = [
        title(run["size"])
        for run in runs
        if run["engine"] != COLUMNS and run["columns_mb"] * 1e6 > run["memory"]
    ]
    said = " and ".join(
        f"{ratio:.2f} times the column engine's processor time at {title(run['size'])}"
        for run, ratio in zip(large, ratios, strict=True)
    )
    verdict = "met" if max(ratios) <= BOUND else "**missed**"
    memory = f"**More than the budget** was taken at {', '.join(over)}."
    if not over:
        memory = "No task took more than its budget."
    return f"Spark took {said} (bound {BOUND}: {verdict}). {memory}"


def growth(runs: list[Run]) -> str:
    """Say how processor time grows."""
    cpu = {size: of(runs, size, SESSION)["compare_cpu"] for size in SIZES}
    return (
        f"Ten times the columns took {cpu['1m200'] / cpu['1m20']:.1f} times the processor time, "
        f"ten times the rows {cpu['10m20'] / cpu['1m20']:.1f} times, and five times as many again "
        f"{cpu['50m20'] / cpu['10m20']:.1f} times."
    )


def workers(runs: list[Run]) -> str:
    """Say what more executors do."""
    said = [
        f"{count} took {run['compare']:.1f} s and {run['compare_cpu']:.1f} s of processors"
        for size, counts in WORKERS.items()
        for count in counts
        for run in [of(runs, size, count)]
    ]
    return f"Executors of one core, on a machine that has two, at 10M x 20: {', '.join(said)}."


def paper(rows: float, seconds: float, worker: Worker) -> str:
    """Return a line on what a run of so many rows a table would take, for 100 columns.

    Args:
        rows: of each table.
        seconds: of a processor for a million values, as measured at 10 million rows.
        worker: of which there are as many as 60 vCPU are.
    """
    at_once = min(worker.vcpu, worker.column_memory // int(2 * rows * BYTES_PER_ROW))
    count = 60 // worker.vcpu
    turns = -(-100 // (count * at_once))
    # Putting n values in order takes n log n.
    hours = turns * seconds * log(rows) / log(1e7) * 2 * rows / 1e6 / 3600
    vcpu, gb = count * worker.vcpu + 4, count * worker.memory_gb + 16
    dollars = hours * (vcpu * VCPU_HOUR + gb * GB_HOUR)
    cells = [
        f"{rows / 1e9:.2g} billion",
        f"{worker.vcpu} vCPU, {worker.memory_gb} GB",
        f"{at_once}",
        f"{count}",
        f"{60 * hours:.0f}",
        f"{dollars:.2f}",
    ]
    return f"| {' | '.join(cells)} |"


def on_paper(seconds: float) -> Iterator[tuple[float, float, Worker]]:
    """Yield the cases that are worked out: the smallest worker that holds a column, the largest."""
    largest = Worker(MEMORY_GB[-1])
    for rows in (0.3e9, 1e9, largest.column_rows / 2):
        smallest = smallest_worker(2 * rows * BYTES_PER_ROW) or largest
        for worker in dict.fromkeys((smallest, largest)):
            yield rows, seconds, worker


def limit() -> str:
    """Say which tables are beyond any worker."""
    largest = Worker(MEMORY_GB[-1])
    return (
        f"Ten billion rows of each table are beyond it: a column of both takes "
        f"{2e10 * BYTES_PER_ROW / 1e9:.0f} GB, and the largest worker, of {largest.memory_gb} GB, "
        f"has {largest.column_memory / 1e9:.0f} GB for columns, {largest.column_rows / 2e9:.1f} "
        "billion rows of each table."
    )


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
    runs = measure_all(options.sizes)
    rows = "\n".join(row(run, runs) for run in runs)
    if options.sizes != SIZES:
        print(HEAD, rows, digits(runs), sep="\n")
        return
    seconds = of(runs, "10m20", SESSION)["compare_cpu"] / values("10m20") * 1e6
    text = SECTION.format(
        machine=machine(),
        versions=versions(),
        head=HEAD,
        rows=rows,
        digits=digits(runs),
        bounds=bounds(runs),
        growth=growth(runs),
        workers=workers(runs),
        seconds=seconds,
        vcpu=VCPU_HOUR,
        gb=GB_HOUR,
        paper_head=PAPER_HEAD,
        paper="\n".join(paper(*each) for each in on_paper(seconds)),
        limit=limit(),
    )
    write_section("spark", text)


if __name__ == "__main__":
    main()
