"""The base of all parts of a monitor's file."""

from pydantic import BaseModel, ConfigDict


class ConfigModel(BaseModel):
    """A part of a monitor's file: unknown keys are mistakes, and nothing changes once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)
