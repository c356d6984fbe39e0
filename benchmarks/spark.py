"""Measure the same scores on Spark, on this machine's cores; write them to RESULTS.md.

Each run is a process of its own. Its processor time and memory are those of all its processes:
Python, Java, and Java's Python workers. The column engine runs beside, as in run.py.

  make .venv-spark/ready                        Spark, and a Python that it runs with
  export PATH=$PWD/.venv-spark/bin:$PATH
  python benchmarks/spark.py                    some 30 minutes on 2 cores, 10 GB of disk, Java 17
  python benchmarks/spark.py --resume           go on where it was cut off
  python benchmarks/spark.py --sizes 10k20      does everything still run? (no results)
"""

import argparse
import json
import subprocess
import sys
from typing import Any

from machine import machine
from processes import watch
from run import make_tables, names, read_once
from sections import write_section
from sizes import DATA, GENERATED, HERE, table_folder

FOLDED = {"50m20": ("10m20", 5)}
"""Tables that are others several times over: no disk here has room for more."""
SIZES = ["1m20", "1m200", "10m20", "50m20"]
PARTITIONS = {"10m20": [2, 8, 64, 512]}
SKETCHED, SKETCH = ["10m20", "50m20"], 0.001
COLUMNS, SPARK = "this_project_scores", "this_project_spark"
LOGS = DATA / "logs" / "spark"
KEPT = DATA / "spark.json"
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
- {sketch}
"""
HEAD = """| | partitions | time | comparison | processor time | per million values | peak memory |
|---|---|---|---|---|---|---|"""
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


def values(size: str) -> int:
    """Return how many values both sides have."""
    original, times = FOLDED.get(size, (size, 1))
    rows, columns = GENERATED[original]
    return 2 * rows * times * columns


def measure(case: Run) -> Run:
    """Run a contestant once on a table."""
    size, contestant, partitions, sketch = case.values()
    script = HERE / "contestants" / f"{contestant}.py"
    log = LOGS / f"{size}-{contestant}-{partitions}-{sketch}.log"
    read_once(FOLDED.get(size, (size, 1))[0])
    how = [str(partitions), *([str(sketch)] if contestant == SPARK else [])]
    run = watch([sys.executable, str(script), *sides(size), *how], log) | case
    print(
        f"{size}: {contestant}, {partitions or 'own'} partitions, sketch {sketch}: "
        f"{run['seconds']:.1f} s, {run['cpu']:.1f} s of processors, {run['mb']:,.0f} MB",
        file=sys.stderr,
        flush=True,
    )
    return run


def cases(sizes: list[str]) -> list[Run]:
    """Return what is to be measured."""

    def case(size: str, contestant: str, partitions: int = 0, sketch: float = 0) -> Run:
        return {
            "size": size,
            "contestant": contestant,
            "partitions": partitions,
            "sketch": sketch,
        }

    found = []
    for size in sizes:
        found += [case(size, COLUMNS), case(size, SPARK)]
        found += [case(size, SPARK, partitions) for partitions in PARTITIONS.get(size, [])]
        found += [case(size, SPARK, sketch=SKETCH)] * (size in SKETCHED)
    return found


def measure_all(wanted: list[Run], kept: list[Run]) -> list[Run]:
    """Measure what was not measured yet, and keep each run."""
    runs: list[Run] = []
    for case in wanted:
        before = [run for run in kept if case.items() <= run.items()]
        runs.append(before[0] if before else measure(case))
        KEPT.write_text(json.dumps(runs), encoding="utf-8")
    return runs


def title(size: str) -> str:
    """Return what the results call a table."""
    original, times = FOLDED.get(size, (size, 1))
    rows, columns = GENERATED[original]
    return f"{rows * times / 1e6:g}M x {columns}"


def row(run: Run) -> str:
    """Return a line of the section's table."""
    is_spark = run["contestant"] == SPARK
    engine = f"Spark, sketch of {run['sketch']}" if run["sketch"] else "Spark"
    cells = [
        f"{title(run['size'])}, {engine if is_spark else 'column engine'}",
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
    tried = [run for run in exact(runs) if run["size"] in PARTITIONS]
    numbers = ", ".join(str(run["partitions"]) for run in tried if run["partitions"])
    same = len({run["digest"] for run in tried}) == 1
    outcome = "gave every number the same to the last digit" if same else "gave **other** numbers"
    return f"{numbers} partitions, and Spark's own choice of them, {outcome}."


def growth(runs: list[Run]) -> str:
    """Say how processor time grows with rows and with columns."""
    cpu = {run["size"]: run["cpu"] for run in exact(runs) if not run["partitions"]}
    rows = f"ten times the rows took {cpu['10m20'] / cpu['1m20']:.1f} times the processor time"
    again = f"five times as many again {cpu['50m20'] / cpu['10m20']:.1f} times"
    columns = f"ten times the columns {cpu['1m200'] / cpu['1m20']:.1f} times"
    return f"{rows[0].upper()}{rows[1:]}, {again}, {columns}; starting is a part of the smallest."


def beside(runs: list[Run]) -> str:
    """Say what Spark costs where one machine would do."""
    cpu = {
        run["contestant"]: run["cpu"]
        for run in runs
        if run["size"] == "50m20" and not run["sketch"]
    }
    ratio = cpu[SPARK] / cpu[COLUMNS]
    return f"At 50M x 20 Spark took {ratio:.1f} times the column engine's processor time."


def exact(runs: list[Run]) -> list[Run]:
    """Return Spark's runs without a sketch."""
    return [run for run in runs if run["contestant"] == SPARK and not run["sketch"]]


def sketched(runs: list[Run]) -> str:
    """Say what a sketch saves, and how far its scores are off."""
    whole = {run["size"]: run for run in exact(runs) if not run["partitions"]}
    found, off = [], 0.0
    for run in (run for run in runs if run["sketch"]):
        beside = whole[run["size"]]
        found.append(f"{run['cpu'] / beside['cpu']:.2f} at {title(run['size'])}")
        scores = run["scores"].items()
        off = max([off, *(abs(score - beside["scores"][name]) for name, score in scores)])
    shares = " and ".join(found)
    return (
        f"A sketch of {SKETCH} took, of the exact scores' processor time, {shares}; no score was "
        f"further off than {off:.1g}."
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
    parser.add_argument("--resume", action="store_true", help="keep the runs already measured")
    options = parser.parse_args()
    LOGS.mkdir(parents=True, exist_ok=True)
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if options.resume else []
    runs = measure_all(cases(options.sizes), kept)
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
        sketch=sketched(runs),
    )
    write_section("spark", text)


if __name__ == "__main__":
    main()
