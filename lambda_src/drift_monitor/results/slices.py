"""The results of slices: `slices` in drift.json."""

from typing import Literal

from drift_monitor.config.drift import Severity
from drift_monitor.results.model import ResultModel
from drift_monitor.results.severity import score_against


class SliceColumn(ResultModel):
    """A column that drifted within a slice."""

    column: str
    method: str
    score: float
    threshold: float
    severity: Severity

    @property
    def bound(self) -> str:
        """Score beside threshold, such as `0.31 ≥ 0.1`."""
        return score_against(self.score, self.threshold)


class SliceDrift(ResultModel):
    """The rows with one value in a column, or one combination in two, of both tables."""

    by: list[str]
    """The columns that slice."""
    values: list[str | None] | None = None
    """The slice's value in each of them, null for rows without one. None where the slice is the
    rest, or where a value is too rare in a table to be named."""
    is_other: bool = False
    """Whether the slice is the rest: the values that have no slice of their own."""
    smallest: int = 0
    """The fewest rows, on either side, with which a slice is compared."""
    reference_rows: int = 0
    current_rows: int = 0
    status: Literal["ok", "drifted", "error", "too_small"]
    """drifted: enough columns drifted; too_small: not compared; error: see reason."""
    severity: Severity | None = None
    """warn or critical, by the share of drifted columns; None where the slice has not drifted."""
    scored_columns: int = 0
    drifted_columns: int = 0
    drifted_share: float = 0.0
    """Drifted columns over scored columns, 0 to 1."""
    worst: list[SliceColumn] = []
    """The columns that drifted: the five that are furthest out."""
    reason: str | None = None
    """Why the tables could not be sliced or the slice has no verdict, or which columns have no
    score."""

    @property
    def has_rows(self) -> bool:
        """Whether it is a slice, and not the reason why there are none."""
        return bool(self.reference_rows or self.current_rows)
