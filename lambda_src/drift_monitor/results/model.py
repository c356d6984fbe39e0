"""The base of all results: frozen, without other fields."""

from pydantic import BaseModel, ConfigDict


class ResultModel(BaseModel):
    """A result, or a part of one."""

    model_config = ConfigDict(extra="forbid", frozen=True)
