"""Measure one whole run on the flights beside Evidently alone, and write RESULTS.md.

Each contestant runs in a process of its own, in turn; the table gives medians and ratios.
"""

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
ROUNDS = 5
CONTESTANTS = {
    "this project, whole run": HERE / "contestants" / "this_project.py",
    "Evidently alone, page": HERE / "contestants" / "evidently_alone.py",
}
RESULTS = """# Results

`make bench`, on {machine}: the flights of 2013, 80,789 reference and 6,701 current rows. Medians
of {rounds} rounds in turn after one warm-up, of whole processes. Most of the time, in both, is
Evidently's import.

| | time | ratio | peak memory | ratio |
|---|---|---|---|---|
{table}
"""


def measure(script: Path) -> tuple[float, float]:
    """Return a contestant's wall seconds and peak memory in MB."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(script), folder]
        start = time.perf_counter()
        contestant = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(contestant.pid, 0)
        seconds = time.perf_counter() - start
    if status:
        raise SystemExit(f"{script} failed: run it by hand to see why")
    return seconds, usage.ru_maxrss / 1024


def main() -> None:
    """Run the contestants in turn and write the table."""
    subprocess.run([sys.executable, "examples/flights.py"], check=True)
    figures: dict[str, list[tuple[float, float]]] = {name: [] for name in CONTESTANTS}
    for _ in range(ROUNDS + 1):
        for name, script in CONTESTANTS.items():
            figures[name].append(measure(script))
    medians = {
        name: [statistics.median(figure) for figure in zip(*runs[1:], strict=True)]
        for name, runs in figures.items()
    }
    base = medians["Evidently alone, page"]
    table = "\n".join(
        f"| {name} | {seconds:.1f} s | {seconds / base[0]:.2f} | {mb:.0f} MB | {mb / base[1]:.2f} |"
        for name, (seconds, mb) in medians.items()
    )
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    text = RESULTS.format(machine=machine, rounds=ROUNDS, table=table)
    (HERE / "RESULTS.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
