"""Nested columns by their dotted paths: `address.city` is a column of its own."""

from collections import Counter
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

ColumnPath = tuple[str, ...]
"""The names that lead to a column: more than one where it is within a struct."""

UNREAD = pa.list_(pa.null())
"""Stands for lists, maps and the like: they are not scored, so their values need no copy."""


def paths_of(
    fields: pa.Schema | pa.StructType, above: ColumnPath = ()
) -> Iterator[tuple[ColumnPath, pa.DataType]]:
    """List the columns of a schema, those within structs too; not below a name that is not one."""
    times = Counter(field.name for field in fields)
    for field in fields:
        path = (*above, field.name)
        if pa.types.is_struct(field.type) and times[field.name] == 1:
            yield from paths_of(field.type, path)
        else:
            yield path, field.type


def column_at(column: pa.ChunkedArray, path: ColumnPath) -> pa.ChunkedArray:
    """Return what a path leads to in its first name's column; null where a struct is."""
    for name in path[1:]:
        column = pc.struct_field(column, [column.type.get_field_index(name)])
    return column


def flattened(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return a batch whose columns are the dotted paths of another's."""
    names: list[str] = []
    arrays: list[pa.Array] = []
    for field, array in zip(batch.schema, batch.columns, strict=True):
        for name, leaf in _leaves(field.name, array):
            names.append(name)
            arrays.append(leaf)
    return pa.RecordBatch.from_arrays(arrays, names=names)


def _leaves(name: str, array: pa.Array) -> Iterator[tuple[str, pa.Array]]:
    data_type = array.type
    if pa.types.is_struct(data_type):
        for index, field in enumerate(data_type):
            yield from _leaves(f"{name}.{field.name}", pc.struct_field(array, [index]))
    elif pa.types.is_dictionary(data_type) and pa.types.is_nested(data_type.value_type):
        yield from _leaves(name, array.dictionary_decode())
    elif pa.types.is_run_end_encoded(data_type):
        yield from _leaves(name, pc.run_end_decode(array))
    elif pa.types.is_string_view(data_type):
        yield name, array.cast(pa.string())
    elif pa.types.is_nested(data_type) or pa.types.is_interval(data_type):
        yield name, pa.nulls(len(array), UNREAD)
    else:
        yield name, array
