"""What a cache says of a table and of the columns that it keeps. It is written last."""

import base64
from typing import Literal, Self
from zlib import crc32

import pyarrow as pa
from pydantic import BaseModel, ConfigDict

Form = Literal["numbers", "categories"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class KeptColumn(_Part):
    """A column in one form.

    Attributes:
        file: what its files are named.
        checksum: of its head.
        samples: names the rows that are kept of it for pictures.
    """

    file: str
    checksum: int
    samples: int


class Manifest(_Part):
    """A table of which columns are kept.

    Attributes:
        digest: the table's.
        rows: how many it has.
        columns: the names of all its columns.
        types: of the columns that somebody asked about, as an Arrow schema.
        kept: the columns that are kept, by their names.
    """

    digest: str
    rows: int
    columns: list[str]
    types: str
    kept: dict[str, dict[Form, KeptColumn]]

    @classmethod
    def of_bytes(cls, body: bytes) -> Self:
        """Read a manifest.

        Raises:
            ValueError: it is none, or is not what was written.
        """
        checksum, _, text = body.partition(b"\n")
        if checksum != _checksum(text):
            raise ValueError("its manifest is not what was written")
        return cls.model_validate_json(text)

    def as_bytes(self) -> bytes:
        """Write the manifest as a line with its checksum, and JSON."""
        text = self.model_dump_json().encode()
        return _checksum(text) + b"\n" + text

    def with_columns(
        self, types: dict[str, pa.DataType], kept: dict[str, dict[Form, KeptColumn]]
    ) -> Self:
        """Return a manifest that knows more."""
        schema = pa.schema(list({**self.types_by_name(), **types}.items()))
        both = {name: self.kept.get(name, {}) | forms for name, forms in kept.items()}
        encoded = base64.b64encode(schema.serialize()).decode()
        return self.model_copy(update={"types": encoded, "kept": self.kept | both})

    def types_by_name(self) -> dict[str, pa.DataType]:
        """Return the types."""
        if not self.types:
            return {}
        schema = pa.ipc.read_schema(pa.py_buffer(base64.b64decode(self.types)))
        return {field.name: field.type for field in schema}


def _checksum(text: bytes) -> bytes:
    return f"{crc32(text):08x}".encode()
