"""Text that stands for values: its type is found from the whole column, not its start."""

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

TIMES = (pa.timestamp("us"), pa.timestamp("us", tz="UTC"))
ANY_TYPE = (pa.int64(), pa.float64(), pa.bool_(), *TIMES)
CELLS = pa.large_string()
"""The type of text that may stand for anything, where some text is only text."""


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
        is_text = self.are_cells_marked and pa.string() in stored
        fitting = list(TIMES if is_text else self.candidates)
        is_empty = True
        for chunk in chunks:
            values = chunk.dictionary if pa.types.is_dictionary(chunk.type) else chunk
            if values.null_count < len(values):
                is_empty = False
                fitting = [data_type for data_type in fitting if self._fits(values, data_type)]
        return pa.null() if is_empty else [*fitting, pa.string()][0]

    def convert(self, values: pa.Array, data_type: pa.DataType) -> pa.Array:
        """Return values as a type that fits them."""
        if self.decimal != "." and data_type == pa.float64() and pa.types.is_string(values.type):
            # With a point a value is no number here: it may separate thousands.
            without = pc.replace_substring(values, ".", "x")
            values = pc.replace_substring(without, self.decimal, ".")
        return pc.cast(values, data_type)

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
