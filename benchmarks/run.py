"""Measure this project beside Evidently, its peers and the floor; write benchmarks/RESULTS.md.

Each contestant (benchmarks/contestants/) runs in a process of its own, in turn, on seeded tables
that are made once (benchmarks/data/, some 7 GB). Peers live in environments of their own there.
What is measured is kept after each run: --resume goes on where a benchmark was cut off, and naming
--sizes or --contestants measures those again and keeps the others' figures.

  make bench                                          everything; half an hour on 2 cores
  python benchmarks/run.py --sizes 1m20 --contestants this_project_scores,floor
  python benchmarks/run.py --sizes 10k20              does everything still run? (no results)
  python benchmarks/run.py --render                   only write RESULTS.md again
"""

import argparse
import subprocess
import sys
from itertools import count

from figures import Figures
from measure import Run, measure
from results import render
from sizes import CONTESTANTS, DATA, HERE, MEETINGS, TRIALS, WARM_UP, table_folder

DEFAULT_SIZES = [size for size in MEETINGS if size not in TRIALS]
BLOCK = 2**24


def names(text: str, known: list[str]) -> list[str]:
    """Split a list of names, all of which must be known."""
    chosen = text.split(",")
    unknown = set(chosen) - set(known)
    if unknown:
        raise argparse.ArgumentTypeError(
            f"{', '.join(sorted(unknown))}: choose from {','.join(known)}"
        )
    return [name for name in known if name in chosen]


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="run.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--sizes",
        type=lambda text: names(text, list(MEETINGS)),
        default=DEFAULT_SIZES,
        help=f"tables, with commas: {','.join(MEETINGS)}; default: all but {' and '.join(TRIALS)}",
    )
    parser.add_argument(
        "--contestants",
        type=lambda text: names(text, list(CONTESTANTS)),
        help=f"with commas: {','.join(CONTESTANTS)}; default: those that meet on a table",
    )
    parser.add_argument("--rounds", type=int, default=5, help="at most (default: 5)")
    parser.add_argument(
        "--enough",
        type=float,
        default=60,
        help="a contestant ends its rounds on a table after so many seconds (default: 60)",
    )
    parser.add_argument(
        "--timeout",
        type=float,
        default=1800,
        help="seconds after which a run is stopped and recorded as such (default: 1800)",
    )
    parser.add_argument(
        "--all", action="store_true", help="every contestant on every table: hours, and 20 GB"
    )
    parser.add_argument("--resume", action="store_true", help="keep the runs already measured")
    parser.add_argument("--render", action="store_true", help="measure nothing")
    return parser.parse_args()


def meetings(options: argparse.Namespace) -> dict[str, list[str]]:
    """Return who is to be measured on which table."""
    chosen = {}
    for size in options.sizes:
        meeting = list(CONTESTANTS) if options.all else MEETINGS[size]
        if options.contestants is not None:
            meeting = [name for name in options.contestants if name in meeting]
        if meeting:
            chosen[size] = meeting
    return chosen


def say(text: str) -> None:
    """Tell of progress."""
    print(text, file=sys.stderr, flush=True)


def make_tables(sizes: list[str]) -> None:
    """Make the tables, in a process of their own: this one stays small (see measure.py)."""
    for size in sizes:
        say(f"{size}: making the table, if it is not there")
        subprocess.run([sys.executable, str(HERE / "tables.py"), size], check=True)


def warm_up(chosen: dict[str, list[str]], timeout: float) -> None:
    """Run each contestant once on the smallest table: its libraries are then in the page cache."""
    for name in dict.fromkeys(name for meeting in chosen.values() for name in meeting):
        say(f"warm-up: {name}: {describe(measure(name, WARM_UP, timeout))}")


def read_once(size: str) -> None:
    """Bring a table's files into the page cache."""
    block = bytearray(BLOCK)
    for path in table_folder(size).glob("*.parquet"):
        with path.open("rb", buffering=0) as file:
            while file.readinto(block):
                pass


def describe(run: Run) -> str:
    """Say what a run gave."""
    return run["failed"] if "failed" in run else f"{run['seconds']:.2f} s, {run['mb']:,.0f} MB"


def is_done(runs: list[Run], options: argparse.Namespace) -> bool:
    """Tell whether a contestant needs no further round on a table."""
    return (
        len(runs) >= options.rounds
        or any("failed" in run for run in runs)
        or sum(run["seconds"] for run in runs) >= options.enough
    )


def meet(size: str, meeting: list[str], figures: Figures, options: argparse.Namespace) -> None:
    """Measure contestants on a table in turn, round after round."""
    read_once(size)
    for name in meeting:
        kept = CONTESTANTS[name].keeps
        if kept is not None:
            say(f"{size}: {name} makes {kept}: {describe(measure(name, size, options.timeout))}")
    for number in count(1):
        waiting = [name for name in meeting if not is_done(figures.runs(size, name), options)]
        if not waiting:
            return
        for name in waiting:
            run = measure(name, size, options.timeout)
            figures.add(size, name, run)
            say(f"{size}, round {number}: {name}: {describe(run)}")


def main() -> None:
    """Make what is needed, measure, and write the results."""
    options = parse_arguments()
    figures = Figures(DATA / "figures.json", resume=options.resume)
    if not options.render:
        chosen = meetings(options)
        for size, meeting in chosen.items():
            for name in meeting:
                if not options.resume:
                    figures.forget(size, name)
        make_tables(list(dict.fromkeys([WARM_UP, *chosen])))
        warm_up(chosen, options.timeout)
        for size, meeting in chosen.items():
            meet(size, meeting, figures, options)
        if set(chosen) <= set(TRIALS):
            return
    results = render(figures, options.enough)
    (HERE / "RESULTS.md").write_text(results, encoding="utf-8")
    say("benchmarks/RESULTS.md is written")


if __name__ == "__main__":
    main()
