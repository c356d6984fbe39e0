"""The bounds that the project set itself, each beside what was measured."""

from collections.abc import Callable
from dataclasses import dataclass

from figures import Figures, fraction
from sizes import CACHED, CONTESTANTS, EVIDENTLY, FLOOR, PAGE, PEERS, SCORES


@dataclass(frozen=True)
class Ratio:
    """A bound on one figure over another: which of time or memory, of whom, over whose."""

    says: str
    what: str
    over: tuple[str, str]
    under: tuple[str, str]
    bound: float

    def sentence(self, figures: Figures) -> str:
        """Say what was measured, and whether the bound is met."""
        over, under = (figures.median(*who, self.what) for who in (self.over, self.under))
        if over is None or under is None:
            return f"{self.says} (bound {fraction(self.bound)}): not measured"
        ratio = over / under
        verdict = _verdict(met=ratio <= self.bound)
        return f"{self.says}: {fraction(ratio)} (bound {fraction(self.bound)}): {verdict}"


@dataclass(frozen=True)
class Peak:
    """A bound on a peak of memory, in MB."""

    says: str
    who: tuple[str, str]
    bound: float

    def sentence(self, figures: Figures) -> str:
        """Say what was measured, and whether the bound is met."""
        peak = figures.median(*self.who, "mb")
        if peak is None:
            return f"{self.says} (bound {self.bound:,.0f} MB): not measured"
        verdict = _verdict(met=peak < self.bound)
        return f"{self.says}: {peak:,.0f} MB (bound {self.bound:,.0f} MB): {verdict}"


def fastest_peer(figures: Figures) -> str:
    """Say whether every peer at 1M x 20 is slower than this project's scores."""
    says = "1M x 20: scores' time to the fastest peer's"
    ours = figures.median("1m20", SCORES, "seconds")
    times = {peer: figures.median("1m20", peer, "seconds") for peer in PEERS}
    known = {peer: seconds for peer, seconds in times.items() if seconds is not None}
    if ours is None or not known:
        return f"{says} (bound: under 1): not measured"
    peer = min(known, key=lambda peer: known[peer])
    verdict = _verdict(met=ours < known[peer])
    missing = [CONTESTANTS[peer].title for peer in PEERS if peer not in known]
    without = f"; without a figure: {', '.join(missing)}" if missing else ""
    ratio = fraction(ours / known[peer])
    return f"{says}, {CONTESTANTS[peer].title}: {ratio} (bound: under 1): {verdict}{without}"


_SCORES_1M, _SCORES_10M = ("1m20", SCORES), ("10m20", SCORES)
_PAGE_1M, _EVIDENTLY_1M = ("1m20", PAGE), ("1m20", EVIDENTLY)
_WIDE = "10k100"
BOUNDS: list[Callable[[Figures], str]] = [
    Ratio(
        "1M x 20: scores' time to Evidently's", "seconds", _SCORES_1M, _EVIDENTLY_1M, 1 / 40
    ).sentence,
    Ratio(
        "1M x 20: scores' peak memory to Evidently's", "mb", _SCORES_1M, _EVIDENTLY_1M, 1 / 7
    ).sentence,
    fastest_peer,
    Ratio(
        "1M x 20: scores' time to the floor's, on one thread",
        "seconds",
        _SCORES_1M,
        ("1m20", FLOOR),
        1.5,
    ).sentence,
    Ratio(
        "1M x 20: the whole run's time to Evidently's", "seconds", _PAGE_1M, _EVIDENTLY_1M, 1 / 8
    ).sentence,
    Peak("1M x 20: the whole run's peak memory", _PAGE_1M, 700).sentence,
    Peak("10M x 20: scores' peak memory", _SCORES_10M, 800).sentence,
    Ratio(
        "10M x 20: scores' time with the reference cached to that without",
        "seconds",
        ("10m20", CACHED),
        _SCORES_10M,
        1 / 1.8,
    ).sentence,
    Ratio(
        "Scores' time at 10M x 20 to that at 1M x 20", "seconds", _SCORES_10M, _SCORES_1M, 11
    ).sentence,
    Ratio(
        "Scores' peak memory at 1M x 200 to that at 1M x 20",
        "mb",
        ("1m200", SCORES),
        _SCORES_1M,
        1.15,
    ).sentence,
    Peak("100M rows, one column: scores' peak memory", ("100m1", SCORES), 10_000).sentence,
    Ratio(
        "10k x 100: the whole run's time to Evidently's",
        "seconds",
        (_WIDE, PAGE),
        (_WIDE, EVIDENTLY),
        1 / 2,
    ).sentence,
]


def _verdict(*, met: bool) -> str:
    return "met" if met else "**missed**"
