"""What a monitor's file says of the format of a table's files: docs/tables.md."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, AwareDatetime, Field, PlainSerializer, model_validator

from drift_monitor.config.model import ConfigModel

FormatType = Literal[
    "parquet", "csv", "jsonl", "arrow", "avro", "sagemaker_capture", "delta", "iceberg"
]

_TYPES_WITH: dict[str, tuple[FormatType, ...]] = {
    "delimiter": ("csv",),
    "encoding": ("csv",),
    "quote": ("csv",),
    "decimal": ("csv",),
    "null_values": ("csv",),
    "names": ("sagemaker_capture",),
    "prediction": ("sagemaker_capture",),
    "version": ("delta", "iceberg"),
    "as_of": ("delta", "iceberg"),
}


def _one_character(text: str) -> str:
    if len(text) != 1 or not text.isascii() or text in "\r\n":
        raise ValueError(f"should be one ASCII character, not {text!r}")
    return text


def _encoding(name: str) -> str:
    try:
        "".encode(name)
    except LookupError:
        raise ValueError(
            f"{name} is not an encoding Python knows, such as utf-8, utf-16 or cp1252"
        ) from None
    return name


def _different(names: list[str]) -> list[str]:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"{', '.join(repeated)}: given twice, and each column needs its own name")
    return names


class TableFormat(ConfigModel):
    """What a table's files look like, where their names or their first lines do not show it."""

    type: FormatType | None = None
    """What every file of the table is, whatever its name ends in."""
    delimiter: Annotated[str, AfterValidator(_one_character)] | None = None
    """What stands between a CSV file's values. Left out, comma, semicolon, tab or bar, as found."""
    encoding: Annotated[str, AfterValidator(_encoding)] | None = None
    """How a CSV file's text is encoded. Left out, UTF-8, UTF-16 or cp1252, as found."""
    quote: Annotated[str, AfterValidator(_one_character)] | None = None
    """What a CSV file's values may be put between. Left out, the double quote."""
    decimal: Literal[".", ","] | None = None
    """What stands before a CSV file's decimals. Left out, the point."""
    null_values: list[str] | None = None
    """What a CSV file writes where there is no value: these and no others. Left out, the usual."""
    names: Annotated[list[str], Field(min_length=1), AfterValidator(_different)] | None = None
    """Of captured requests, the columns' names in order, where the payloads have none."""
    prediction: Annotated[str, Field(min_length=1)] | None = None
    """The column of what a captured endpoint answered. Left out, prediction."""
    version: (
        # As text in JSON: the CDK takes a number for JavaScript's, which rounds a snapshot's id.
        Annotated[int, Field(ge=0), PlainSerializer(str, return_type=str, when_used="json")] | None
    ) = None
    """Delta: the version to read. Iceberg: the snapshot's id. Left out, the newest."""
    as_of: AwareDatetime | None = None
    """The time (with its zone) whose newest version of a Delta or Iceberg table is read."""

    @property
    def csv_options(self) -> list[str]:
        """The options given that only CSV has."""
        given = self.model_dump(exclude={"type"}, exclude_none=True)
        return sorted(option for option in given if "csv" in _TYPES_WITH[option])

    @property
    def is_lake(self) -> bool:
        """Whether the table's own log says which files it is made of."""
        return self.type in ("delta", "iceberg")

    @model_validator(mode="after")
    def _options_go_together(self) -> Self:
        given = self.model_dump(exclude={"type"}, exclude_none=True)
        for kinds in dict.fromkeys(_TYPES_WITH[option] for option in given):
            # A file's name or its first lines show that it is CSV; the others must be named.
            if self.type not in kinds and (self.type or kinds != ("csv",)):
                options = ", ".join(sorted(name for name in given if _TYPES_WITH[name] == kinds))
                found = f"not {self.type}" if self.type else "which has to be named"
                raise ValueError(f"{options}: only for type {' or '.join(kinds)}, {found}")
        if self.version is not None and self.as_of is not None:
            raise ValueError("version and as_of both say which version to read: give one of them")
        separators = [self.delimiter or "", self.quote or '"', self.decimal or ""]
        separating = [separator for separator in separators if separator]
        if len(set(separating)) < len(separating):
            raise ValueError("delimiter, quote and decimal should be different characters")
        return self
