"""Which tables there are, which contestants meet on them, and where what was made is kept."""

from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
DATA = HERE / "data"

GENERATED = {
    "10k20": (10_000, 20),
    "100k20": (100_000, 20),
    "1m20": (1_000_000, 20),
    "10m20": (10_000_000, 20),
    "1m200": (1_000_000, 200),
    "10k100": (10_000, 100),
    "100m1": (100_000_000, 1),
}
"""Rows a side, and columns."""

WARM_UP = "10k20"
TRIALS = (WARM_UP, "100k20")
"""For trying things out: left out of the results."""

TITLES = {
    "1m20": "1 million rows x 20 columns",
    "10m20": "10 million rows x 20 columns",
    "1m200": "1 million rows x 200 columns",
    "10k100": "10 thousand rows x 100 columns",
    "100m1": "100 million rows x 1 column",
    "flights": "Flights of 2013: 80,789 and 6,701 rows x 13 columns",
}


@dataclass(frozen=True)
class Contestant:
    """A script in contestants/.

    Attributes:
        title: what the results call it.
        peer: the environment it runs in, a file in peers/; None for the project's own.
        keeps: what the first run on a table keeps for the next ones, so it is not measured.
    """

    title: str
    peer: str | None = None
    keeps: str | None = None


SCORES, PAGE, EVIDENTLY = "this_project_scores", "this_project_page", "evidently_alone"
CACHED = "this_project_cached"
FLOOR, FLOOR_ALL_CORES = "floor", "floor_all_cores"
CONTESTANTS = {
    SCORES: Contestant("this project, scores"),
    CACHED: Contestant("this project, scores, reference cached", keeps="the reference's cache"),
    PAGE: Contestant("this project, whole run with page"),
    EVIDENTLY: Contestant("Evidently alone, with page"),
    "nannyml": Contestant("NannyML", "nannyml"),
    "alibi_detect": Contestant("alibi-detect", "alibi_detect"),
    "frouros": Contestant("frouros", "frouros"),
    "scipy_ks": Contestant("scipy loop of ks_2samp"),
    "scipy_wasserstein": Contestant("scipy loop of wasserstein_distance"),
    FLOOR: Contestant("floor, one thread"),
    FLOOR_ALL_CORES: Contestant("floor, every core"),
}
PEERS = ["nannyml", "alibi_detect", "frouros", "scipy_ks", "scipy_wasserstein"]

_OWN = [SCORES, CACHED, PAGE, FLOOR, FLOOR_ALL_CORES]
MEETINGS = {
    **{trial: list(CONTESTANTS) for trial in TRIALS},
    "flights": list(CONTESTANTS),
    "1m20": list(CONTESTANTS),
    "10m20": _OWN,
    "1m200": [SCORES, FLOOR],
    "10k100": [SCORES, PAGE, EVIDENTLY, FLOOR],
    "100m1": [SCORES, FLOOR],
}
"""Who is measured on which table, unless all are asked for."""


def table_folder(size: str) -> Path:
    """Return where a table's two sides are."""
    return DATA / "tables" / size
