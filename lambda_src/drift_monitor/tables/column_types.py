"""The types of a table's columns, where its files differ."""

import pyarrow as pa

from drift_monitor.errors import ColumnError
from drift_monitor.tables.parquet_file import ParquetFile
from drift_monitor.tables.text import TextTypes


def column_names(files: list[ParquetFile]) -> list[str]:
    """List the columns of all files, but for what is null in one file and a struct in another."""
    names = dict.fromkeys(name for file in files for name in file.columns)
    structs = {name[:end] for name in names for end, sign in enumerate(name) if sign == "."}
    empty = {
        name
        for name in structs & names.keys()
        if all(pa.types.is_null(found) for file in files for _, found in file.columns.get(name, []))
    }
    return [name for name in names if name not in empty]


def types_in(files: list[ParquetFile], column: str) -> list[pa.DataType]:
    """Return the types that a column's values have in the files, each once.

    Raises:
        ColumnError: two columns of a file have this name.
    """
    return list(dict.fromkeys(_type_in(file, column) for file in files))


def _type_in(file: ParquetFile, column: str) -> pa.DataType:
    found = file.columns.get(column, [])
    if len(found) > 1:
        nested = ", a nested one by its path" if any(len(path) > 1 for path, _ in found) else ""
        raise ColumnError(f"{len(found)} columns have this name{nested}: rename one")
    if not found:
        return pa.null()
    data_type = found[0][1]
    if pa.types.is_string_view(data_type):
        return pa.string()
    return data_type.value_type if pa.types.is_dictionary(data_type) else data_type


def unified(types: list[pa.DataType]) -> pa.DataType:
    """Return the type that holds the values of all these types.

    Raises:
        ColumnError: there is none.
    """
    try:
        schemas = [pa.schema([("", data_type)]) for data_type in types]
        return pa.unify_schemas(schemas, promote_options="permissive").field(0).type
    except pa.ArrowException as error:
        names = sorted({str(data_type) for data_type in types})
        raise ColumnError(f"its files disagree on its type: {', '.join(names)}") from error


def mixed(types: list[pa.DataType]) -> pa.DataType:
    """Return the type of values of several types: text, but for lists, which are not read."""
    return next((found for found in types if pa.types.is_nested(found)), pa.string())


def retyped(chunk: pa.Array, data_type: pa.DataType, texts: TextTypes) -> pa.Array:
    """Return a chunk in its column's type.

    Raises:
        ColumnError: that would change a value: a whole number of many digits is no float.
    """
    try:
        return texts.retyped(chunk, data_type)
    except pa.ArrowInvalid as error:  # its text quotes the value: not for a page
        raise ColumnError(
            f"its files disagree on its type: {data_type} cannot hold all that is {chunk.type}"
        ) from error
