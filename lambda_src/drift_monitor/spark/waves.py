"""The columns that are scored, as many at a time as the cluster's disks hold."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, partial

from pyspark.sql import SparkSession

from drift_monitor.drift.columns import kind_of
from drift_monitor.drift.comparison import Pictured
from drift_monitor.drift.methods import Kind
from drift_monitor.drift.outline import Integers
from drift_monitor.drift.settling import ToScore, attempt, failed
from drift_monitor.results import ColumnDrift
from drift_monitor.spark.bands import Answer, Question
from drift_monitor.spark.number_column import Numbers
from drift_monitor.spark.outcome import (
    Chosen,
    choose_method,
    outcome_of_numbers,
    outcome_of_texts,
)
from drift_monitor.spark.passes import (
    Gathered,
    Looked,
    ask,
    fetch,
    gather,
    look,
    remove_leftovers,
)
from drift_monitor.spark.plan import (
    Cuts,
    Sizes,
    cut_into_portions,
    errands,
    in_waves,
    looked_at,
    stride_of,
)
from drift_monitor.spark.portions import Portion, TableFiles
from drift_monitor.spark.scores import is_exact
from drift_monitor.spark.sketch import MANY, SKETCHED, step_for
from drift_monitor.spark.tally import Tally, read_array
from drift_monitor.spark.tasks import Wanted, Work
from drift_monitor.spark.text_column import together
from drift_monitor.tables.table import Table

_BANDS_OF_A_PARTITION = 4
_BANDS_OF_A_PIECE = 2


@dataclass(frozen=True)
class Tables:
    """Two tables, and what is wanted of them.

    Attributes:
        reference: the table that the model was trained on.
        current: the table that it sees now.
        wanted: the columns to score.
        sampled: the rows of either table that are kept for pictures, ascending.
        partitions: into how many parts Spark divides each pass, if that is given.
        sizes: how much is handled together.
        sketch: how far a score may be off, if at all.
    """

    reference: Table
    current: Table
    wanted: list[ToScore]
    sampled: tuple[Integers, Integers]
    partitions: int | None
    sizes: Sizes
    sketch: float | None

    @property
    def rows(self) -> tuple[int, int]:
        """How many rows each has."""
        return self.reference.rows, self.current.rows

    @cached_property
    def portions(self) -> list[Portion]:
        """The portions that they are read in."""
        return cut_into_portions(self.reference, self.current, self.sizes)

    @cached_property
    def columns(self) -> list[Wanted]:
        """What the tasks need to know of the columns."""
        found: list[Wanted] = []
        for each in self.wanted:
            types = self.reference.type_of(each.name), self.current.type_of(each.name)
            is_text = each.kind is Kind.CATEGORICAL
            are_codes = is_text and Kind.NUMERIC in map(kind_of, types)
            found.append(Wanted(each.name, types, is_text=is_text, are_codes=are_codes))
        return found

    def work(self, portions: list[Portion], columns: list[int], cuts: Cuts | None) -> Work:
        """Return what the tasks of a pass need to know."""
        return Work(
            (TableFiles.of(self.reference), TableFiles.of(self.current)),
            tuple(self.columns),
            errands(portions, columns, self.sizes),
            cuts.bands if cuts else {},
            cuts.steps if cuts else {},
            self.sampled,
            _BANDS_OF_A_PIECE * self.sizes.band,
        )


@dataclass(frozen=True)
class Wave:
    """What became of some columns."""

    columns: list[ColumnDrift]
    pictured: dict[str, Pictured]


def compare_in_waves(spark: SparkSession, tables: Tables) -> Iterator[Wave]:
    """Score the columns that are wanted."""
    if not tables.wanted:
        return
    cuts = _cut(spark, tables)
    for numbers in in_waves(cuts, tables.sizes):
        work = tables.work(tables.portions, numbers, cuts)
        volume = sum(cuts.volumes[number] for number in numbers)
        partitions = tables.partitions or _partitions(spark, volume, tables.sizes)
        tasks = tables.partitions or len(work.errands)
        gathered = gather(spark, work, tasks, partitions)
        steps = {number: cuts.steps.get(number) for number in numbers}
        yield _compare(spark, tables, gathered, steps)
        gathered.frame.unpersist(blocking=True)
        del gathered
        remove_leftovers(spark)


def _cut(spark: SparkSession, tables: Tables) -> Cuts:
    rows = sum(tables.rows)
    if rows <= tables.sizes.band:
        return Cuts.none(tables.columns, rows)
    portions = looked_at(tables.portions)
    share = sum(portion.rows for portion in portions) / rows
    work = tables.work(portions, list(range(len(tables.columns))), None)
    tasks = tables.partitions or len(work.errands)
    looks = look(spark, work, stride_of(share, tables.sizes), tasks)
    return Cuts.of(tables.columns, looks, share, tables.sizes, dict(_steps(tables, looks)))


def _steps(tables: Tables, looks: dict[int, Looked]) -> Iterator[tuple[int, float]]:
    """Choose the columns to round, and to what: those that are scored by the method for it."""
    if tables.sketch is None:
        return
    for number, seen in looks.items():
        chosen = choose_method(tables.wanted[number], tables.rows, seen.distinct)
        step = step_for(tables.sketch, seen.spread)
        if step and chosen.method == SKETCHED:
            yield number, step


def _partitions(spark: SparkSession, volume: int, sizes: Sizes) -> int:
    """Return into how many parts to shuffle: some bands each, and work for every core."""
    bands = volume // (sizes.band * _BANDS_OF_A_PARTITION)
    cores: int = spark.sparkContext.defaultParallelism
    return max(cores, bands)


@dataclass(frozen=True)
class _Asked:
    """A column of numbers, how it is scored, and what that asks of its bands."""

    numbers: Numbers
    chosen: Chosen
    question: Question

    @property
    def is_exact(self) -> bool:
        """Whether it is scored from its values themselves."""
        return is_exact(self.chosen.method, self.numbers.sizes)


def _compare(
    spark: SparkSession, tables: Tables, gathered: Gathered, steps: dict[int, float | None]
) -> Wave:
    """Say what became of columns whose values were gathered, rounded to these steps if any."""
    asked: dict[int, _Asked] = {}
    done: dict[int, ColumnDrift] = {}
    for number, step in steps.items():
        begin = partial(_begin, tables=tables, gathered=gathered, number=number, step=step)
        found = attempt(tables.wanted[number].unread, begin)
        if isinstance(found, _Asked):
            asked[number] = found
        else:
            done[number] = found
    done.update(_answered(spark, tables, gathered, asked))
    pictured = {
        column.column: _pictured(gathered, number)
        for number, column in done.items()
        if column.is_scored
    }
    return Wave(list(done.values()), pictured)


def _begin(
    _: ColumnDrift, tables: Tables, gathered: Gathered, number: int, step: float | None
) -> ColumnDrift | _Asked:
    """Settle a column of categories; choose the method for one of numbers."""
    wanted, column = tables.wanted[number], tables.columns[number]
    if number in gathered.failed:
        return failed(wanted.unread, gathered.failed[number])
    if column.is_text:
        texts = together(gathered.texts.get(number, []), are_codes=column.are_codes)
        return outcome_of_texts(wanted, texts, tables.rows)
    numbers = Numbers.of(gathered.bands.get(number, {}), column.types, tables.rows)
    # Rounded values are fewer than there are, which were many: the choice turns on that.
    distinct = numbers.distinct if step is None else max(numbers.distinct, MANY)
    chosen = replace(choose_method(wanted, numbers.sizes, distinct), step=step)
    return _Asked(numbers, chosen, numbers.question(chosen.method))


def _answered(
    spark: SparkSession, tables: Tables, gathered: Gathered, asked: dict[int, _Asked]
) -> Iterator[tuple[int, ColumnDrift]]:
    """Ask the bands of columns of numbers, and score them."""
    if not asked:
        return
    questions = {number: each.question for number, each in asked.items()}
    places = {
        (number, band): place
        for number, each in asked.items()
        for band, place in each.numbers.places.items()
    }
    answers = ask(spark, gathered.frame, questions, places)
    exact = [number for number, each in asked.items() if each.is_exact]
    values = fetch(gathered.frame, exact) if exact else {}
    for number, each in asked.items():
        wanted, found = tables.wanted[number], answers.get(number, [])
        score = partial(_score, wanted=wanted, asked=each, answers=found, whole=values.get(number))
        yield number, attempt(wanted.unread, score)


def _score(
    _: ColumnDrift, wanted: ToScore, asked: _Asked, answers: list[Answer], whole: Tally | None
) -> ColumnDrift:
    return outcome_of_numbers(wanted, asked.numbers, asked.chosen, answers, whole)


def _pictured(gathered: Gathered, number: int) -> Pictured:
    reference, current = (
        [read_array(part) for part in side.get(number, [])] for side in gathered.pictured
    )
    return Pictured(reference, current)
