"""What becomes of a column, from what the passes found of it."""

from collections.abc import Callable
from dataclasses import dataclass

from drift_monitor.drift.score import default_for, method_for, score_of
from drift_monitor.drift.settling import ToScore, scored
from drift_monitor.drift_rules import DriftRule
from drift_monitor.errors import ColumnError
from drift_monitor.results import ColumnDrift
from drift_monitor.spark.bands import Answer
from drift_monitor.spark.number_column import Numbers
from drift_monitor.spark.scores import (
    require_counts_do,
    score_numbers,
    score_texts,
    score_whole,
)
from drift_monitor.spark.sketch import error_of
from drift_monitor.spark.tally import Tally
from drift_monitor.spark.text_column import Texts, category_change, profile_of


@dataclass(frozen=True)
class Chosen:
    """How a column is scored: by a method, or not at all for a reason; of values rounded so."""

    method: str | None
    reason: str | None = None
    step: float | None = None


def choose_method(wanted: ToScore, sizes: tuple[int, int], values: int) -> Chosen:
    """Choose the method for a column.

    Args:
        wanted: the column.
        sizes: how many values each side has.
        values: how many distinct ones there are.
    """

    def default() -> str:
        return default_for(wanted.scored_as, sizes[0], values)

    try:
        method = method_for(wanted.rule, wanted.scored_as, sizes, default)
        require_counts_do(method)
    except ColumnError as error:
        return Chosen(None, str(error))
    return Chosen(method)


def outcome_of_numbers(
    wanted: ToScore, numbers: Numbers, chosen: Chosen, answers: list[Answer], whole: Tally | None
) -> ColumnDrift:
    """Say what became of a column of numbers.

    Args:
        wanted: the column.
        numbers: what its bands hold.
        chosen: how it is scored.
        answers: what its bands answered.
        whole: its values, where they are few and the method is exact for few.
    """
    column = wanted.column.model_copy(
        update={
            "reference": numbers.profile(0, answers),
            "current": numbers.profile(1, answers),
        }
    )

    def number(method: str) -> float:
        if whole is not None:
            return score_whole(method, whole)
        return score_numbers(method, numbers, answers)

    is_constant = numbers.distinct_in_reference == 1
    done = _with_score(column, wanted.rule, chosen, number, is_constant=is_constant)
    return done if chosen.step is None else _sketched(done, numbers.moments[0].std, chosen.step)


def _sketched(column: ColumnDrift, std: float, step: float) -> ColumnDrift:
    """Say how far the score of a column may be off, whose values were rounded to a step."""
    if column.score is None or column.threshold is None:
        return column
    error = error_of(column.score, std, step)
    reason = f"a sketch: its score is off by {error:.2g} at most"
    if abs(column.score - column.threshold) <= error:
        reason += ", and the threshold is nearer than that"
    return column.model_copy(update={"score_error": error, "reason": reason})


def outcome_of_texts(wanted: ToScore, texts: Texts, rows: tuple[int, int]) -> ColumnDrift:
    """Say what became of a column of categories.

    Args:
        wanted: the column.
        texts: its categories.
        rows: how many either table has.
    """
    before, after = texts.sides
    column = wanted.column.model_copy(
        update={
            "reference": profile_of(before, rows[0]),
            "current": profile_of(after, rows[1]),
            "new_categories": category_change(after),
            "vanished_categories": category_change(before),
        }
    )
    chosen = choose_method(wanted, (before.size, after.size), texts.distinct)
    return _with_score(
        column,
        wanted.rule,
        chosen,
        lambda method: score_texts(method, texts),
        is_constant=False,
    )


def _with_score(
    column: ColumnDrift,
    rule: DriftRule,
    chosen: Chosen,
    number: Callable[[str], float],
    *,
    is_constant: bool,
) -> ColumnDrift:
    if chosen.method is None:
        return column.model_copy(update={"reason": chosen.reason})
    try:
        score = score_of(chosen.method, number(chosen.method), rule)
    except ColumnError as error:
        return column.model_copy(update={"reason": str(error)})
    return scored(column, score, rule, is_constant=is_constant)
