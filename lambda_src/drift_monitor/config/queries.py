"""What a monitor's file says of a table that an Athena query returns: docs/tables.md."""

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, PlainSerializer, StringConstraints, model_validator

from drift_monitor.config.locations import Location
from drift_monitor.config.model import ConfigModel

MOMENT = re.compile(r"\{(start|end)(?::([^{}]*))?\}")
"""A window's start or end in a query, maybe with the strftime pattern that writes it."""
_SELECT = re.compile(
    r"(\s|\(|--[^\n]*\n|/\*((?!\*/).)*\*/)*(select|with)\b", re.IGNORECASE | re.DOTALL
)
"""A beginning of a query, after comments."""


def _select(text: str) -> str:
    text = text.replace("&lt;", "<").replace("&gt;", ">").strip().removesuffix(";").strip()
    if not _SELECT.match(text):
        raise ValueError("should be a SELECT: Athena's UNLOAD takes nothing else")
    for name, pattern in MOMENT.findall(text):
        if pattern and "%" not in pattern:
            raise ValueError(f"{{{name}:{pattern}}} has no code such as %Y, %m or %d")
    return text


def _for_a_rule(sql: str) -> str:
    """Write a query without angle brackets, which EventBridge takes for placeholders."""
    return sql.replace("<", "&lt;").replace(">", "&gt;")


def _folder_in_s3(text: str) -> str:
    place = Location.parse(text)
    if place.bucket is None or place.is_glob or place.is_dated:
        raise ValueError(f"{text}: name a folder in S3, such as s3://BUCKET/FOLDER/")
    return f"{text.rstrip('/')}/"


FolderInS3 = Annotated[str, AfterValidator(_folder_in_s3)]


class QueriedTable(ConfigModel):
    """A table that may be what a query returns."""

    sql: (
        Annotated[
            str,
            AfterValidator(_select),
            PlainSerializer(_for_a_rule, return_type=str, when_used="json"),
            Field(examples=["SELECT * FROM t WHERE dt >= '{start}' AND dt < '{end}'"]),
        ]
        | None
    ) = None
    """In place of a location: a SELECT that Athena runs. `{start}` and `{end}` are the window's."""
    database: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,255}$")] | None = None
    """The Glue database in which the query finds its tables."""
    workgroup: Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9._-]{1,128}$")] | None = None
    """Athena's workgroup that the query runs in. Default: primary."""
    output: FolderInS3 | None = None
    """The folder in S3 where the query's rows lie while the run reads them."""
    reads: list[FolderInS3] | None = None
    """The folders in S3 of the tables that the query reads, for the function's role."""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        given = self.model_dump(include={"database", "workgroup", "output", "reads"})
        if self.sql is None:
            useless = [name for name, value in given.items() if value is not None]
            if useless:
                raise ValueError(f"{', '.join(useless)}: only with sql")
        elif self.database is None or self.output is None:
            raise ValueError(
                "sql needs a database and an output, such as output: s3://BUCKET/athena/"
            )
        return self
