"""Types of columns that are stored as text, found from the whole column."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from drift_monitor.config.formats import FormatType, TableFormat

TIMES = tuple(pa.timestamp(unit, zone) for unit in ("us", "ns") for zone in (None, "UTC"))
ANY_TYPE = (pa.int64(), pa.float64(), pa.bool_(), *TIMES)
CELLS = pa.large_string()
"""The type of text that may stand for anything, where some text is only text."""


def is_text(data_type: pa.DataType) -> bool:
    """Tell whether a type is of texts."""
    return bool(pa.types.is_string(data_type) or pa.types.is_large_string(data_type))


@dataclass(frozen=True)
class Fits:
    """What some of a column's text may stand for.

    Attributes:
        types: those of the candidates that fit all of it.
        is_empty: it holds no value.
    """

    types: tuple[pa.DataType, ...]
    is_empty: bool = True

    def joined(self, other: "Fits") -> "Fits":
        """Return what this text and other may stand for together."""
        types = tuple(data_type for data_type in self.types if data_type in other.types)
        return Fits(types, self.is_empty and other.is_empty)


@dataclass(frozen=True)
class TextTypes:
    """What a column of text may turn out to hold.

    Attributes:
        candidates: the types tried, in order; what none of them fits is text.
        decimal: what stands before decimals.
        are_cells_marked: text that is not all of the type CELLS may only turn out to be times.
    """

    candidates: tuple[pa.DataType, ...]
    decimal: str = "."
    are_cells_marked: bool = False

    def infer(self, chunks: Iterable[pa.Array], stored: Iterable[pa.DataType]) -> pa.DataType:
        """Return the first type that fits all of a column's text.

        A column without a value has the null type.

        Args:
            chunks: the text.
            stored: the types that it has in the table's files.
        """
        fits = Fits(self._candidates(stored))
        for chunk in chunks:
            fits = self.narrowed(fits, chunk)
        return self.decided(fits, stored)

    def narrowed(self, fits: "Fits", chunk: pa.Array) -> "Fits":
        """Return what text may stand for together with some more of it."""
        values = chunk.dictionary if pa.types.is_dictionary(chunk.type) else chunk
        if values.null_count == len(values):
            return fits
        types = tuple(data_type for data_type in fits.types if self._fits(values, data_type))
        return Fits(types, is_empty=False)

    def looked_at(
        self, batches: Iterable[pa.RecordBatch], fits: dict[str, Fits]
    ) -> Iterator[pa.RecordBatch]:
        """Pass batches on, and put into `fits`, by column, what all of their text may stand for."""
        for batch in batches:
            for field, column in zip(batch.schema, batch.columns, strict=True):
                is_coded = pa.types.is_dictionary(field.type)
                if is_text(field.type.value_type if is_coded else field.type):
                    known = fits.get(field.name, Fits(self.candidates))
                    fits[field.name] = self.narrowed(known, column)
            yield batch

    def decided(self, fits: "Fits", stored: Iterable[pa.DataType]) -> pa.DataType:
        """Return the type of a column whose whole text may stand for this."""
        if fits.is_empty:
            return pa.null()
        wanted = self._candidates(stored)
        return next((data_type for data_type in fits.types if data_type in wanted), pa.string())

    def _candidates(self, stored: Iterable[pa.DataType]) -> tuple[pa.DataType, ...]:
        is_plain = self.are_cells_marked and pa.string() in stored
        return TIMES if is_plain else self.candidates

    def convert(self, values: pa.Array, data_type: pa.DataType) -> pa.Array:
        """Return values as a type that fits them."""
        if self.decimal != "." and data_type == pa.float64() and pa.types.is_string(values.type):
            # With a point a value is no number here: it may separate thousands.
            without = pc.replace_substring(values, ".", "x")
            values = pc.replace_substring(without, self.decimal, ".")
        try:
            return pc.cast(values, data_type)
        except pa.ArrowInvalid:
            if not is_text(values.type):
                raise
            # As in `1, 2`: the space is no part of the number.
            return pc.cast(pc.utf8_trim_whitespace(values), data_type)

    def retyped(self, chunk: pa.Array, data_type: pa.DataType) -> pa.Array:
        """Return a chunk in the column's type; a dictionary of that type stays one."""
        if pa.types.is_null(data_type):
            return pa.nulls(len(chunk))
        if pa.types.is_dictionary(chunk.type):
            if chunk.type.value_type == data_type:
                return chunk
            return self.convert(chunk.dictionary, data_type).take(chunk.indices)
        return chunk if chunk.type == data_type else self.convert(chunk, data_type)

    def _fits(self, text: pa.Array, data_type: pa.DataType) -> bool:
        try:
            self.convert(text, data_type)
        except pa.ArrowInvalid:
            return False
        return True


AS_IT_IS = TextTypes(())
"""Of a table whose text is text."""


def joined_fits(parts: Iterable[Mapping[str, Fits]]) -> dict[str, Fits]:
    """Return, by column, what the text of all parts of a table may stand for together."""
    fits: dict[str, Fits] = {}
    for part in parts:
        for column, found in part.items():
            fits[column] = fits[column].joined(found) if column in fits else found
    return fits


def texts_of(format_type: FormatType, table_format: TableFormat) -> TextTypes | None:
    """Return what a format's text may stand for: in CSV for anything, in JSON for times.

    Captured payloads are either. None where text is text.
    """
    if format_type == "csv":
        return TextTypes(ANY_TYPE, table_format.decimal or ".")
    if format_type == "sagemaker_capture":
        return TextTypes(ANY_TYPE, are_cells_marked=True)
    return TextTypes(TIMES) if format_type == "jsonl" else None
