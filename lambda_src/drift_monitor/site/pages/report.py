"""A rendered report; apart from its renderer, which takes seconds to import."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Report:
    """Evidently's page.

    Attributes:
        html: the page, or an empty string where no column could be shown.
        undrawn: scored columns that Evidently could not draw and that are not on the page.
        sampled_rows: rows that the plots are drawn from, of reference and of current.
    """

    html: str
    undrawn: list[str]
    sampled_rows: tuple[int, int]


NO_REPORT = Report(html="", undrawn=[], sampled_rows=(0, 0))
