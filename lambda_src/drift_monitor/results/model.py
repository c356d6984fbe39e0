"""What all results have in common: they are frozen, and take no other field."""

from pydantic import BaseModel, ConfigDict


class ResultModel(BaseModel):
    """A result, or a part of one."""

    model_config = ConfigDict(extra="forbid", frozen=True)
