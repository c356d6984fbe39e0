"""How a monitor's file says what its tables' files look like: docs/tables.md."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, model_validator

from drift_monitor.config_model import ConfigModel

FormatType = Literal["parquet", "csv", "jsonl", "arrow", "avro"]


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

    @property
    def csv_options(self) -> list[str]:
        """The options given that only CSV has."""
        given = self.model_dump(exclude={"type"}, exclude_none=True)
        return sorted(given)

    @model_validator(mode="after")
    def _options_go_together(self) -> Self:
        if self.type not in (None, "csv") and self.csv_options:
            raise ValueError(f"{', '.join(self.csv_options)}: only for type csv, not {self.type}")
        separators = [self.delimiter or "", self.quote or '"', self.decimal or ""]
        given = [separator for separator in separators if separator]
        if len(set(given)) < len(given):
            raise ValueError("delimiter, quote and decimal should be different characters")
        return self
