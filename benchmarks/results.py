"""Writing RESULTS.md from what was measured."""

import re
from importlib.metadata import version

from bounds import BOUNDS
from figures import Figures, fraction
from machine import machine
from peers import pins_of
from sections import sections
from sizes import CONTESTANTS, EVIDENTLY, FLOOR, PEERS, TITLES

RESULTS = """# Results

Written by `make bench` (`python benchmarks/run.py`; `--help` says more).

Each contestant ran in a process of its own, in turn, after a warm-up; the figures are medians, of
whole processes with their imports and the reading of the files. Peak memory is the largest resident
set of the process, in MB of 10⁶ bytes. A contestant ends its rounds on a table when it has taken
{enough} s there. The tables are made by `benchmarks/tables.py`, the contestants are in
`benchmarks/contestants/`. The floor decodes each Parquet column and sorts it once with numpy, and
compares nothing. The cache of a cached reference was made before, by a run that is not counted. The
peers read whole tables; the scipy loops score the numeric columns alone, and NannyML's Wasserstein
is, above 10,000 rows, an estimate from 10,000 bins.

- Run: {sessions}
- Machine: {machine}
- Versions: {versions}

## The bounds

{bounds}
{tables}"""
HEAD = """| | rounds | time | to Evidently's | to the floor's | peak memory | to Evidently's |
|---|---|---|---|---|---|---|"""


def render(figures: Figures, enough: float) -> str:
    """Return the text of RESULTS.md."""
    return RESULTS.format(
        enough=f"{enough:.0f}",
        sessions=_sessions(figures),
        machine=machine(),
        versions=", ".join(_versions()),
        bounds="\n".join(f"- {sentence(figures)}" for sentence in BOUNDS),
        tables="".join(_table(figures, size) for size in TITLES if _is_measured(figures, size))
        + sections(),
    )


def _sessions(figures: Figures) -> str:
    number = len(figures.sessions(list(TITLES)))
    return "all side by side in one" if number == 1 else f"the figures are of {number} runs"


def _is_measured(figures: Figures, size: str) -> bool:
    return any(figures.runs(size, name) for name in CONTESTANTS)


def _table(figures: Figures, size: str) -> str:
    rows = [_row(figures, size, name) for name in CONTESTANTS if figures.runs(size, name)]
    return "\n".join([f"\n## {TITLES[size]}\n", HEAD, *rows, ""])


def _row(figures: Figures, size: str, contestant: str) -> str:
    title = CONTESTANTS[contestant].title
    failure = figures.failure(size, contestant)
    if failure is not None:
        return f"| {title} | {failure} | | | | | |"
    seconds, mb = (figures.median(size, contestant, what) for what in ("seconds", "mb"))
    if seconds is None or mb is None:
        return f"| {title} | not measured | | | | | |"
    cells = [
        title,
        str(len(figures.runs(size, contestant))),
        f"{seconds:.2f} s",
        _ratio(seconds, figures.median(size, EVIDENTLY, "seconds")),
        _ratio(seconds, figures.median(size, FLOOR, "seconds")),
        f"{mb:,.0f} MB",
        _ratio(mb, figures.median(size, EVIDENTLY, "mb")),
    ]
    return f"| {' | '.join(cells)} |"


def _ratio(figure: float, base: float | None) -> str:
    return fraction(figure / base) if base else ""


def _versions() -> list[str]:
    own = ["evidently", "numpy", "pandas", "pyarrow", "scipy"]
    peers = [name for name in PEERS if CONTESTANTS[name].peer]
    named = [f"{name} {version(name)}" for name in own]
    for peer in peers:
        pin = re.search(rf"^{peer.replace('_', '.')}==(.*)$", pins_of(peer), re.MULTILINE)
        libraries = re.findall(r"^(numpy|pandas|scipy)==(.*)$", pins_of(peer), re.MULTILINE)
        with_them = " ".join(f"{name} {number}" for name, number in libraries)
        named.append(f"{peer.replace('_', '-')} {pin[1] if pin else '?'} (with {with_them})")
    return named
