"""What all parts of a monitor's file have in common."""

from pydantic import BaseModel, ConfigDict


class ConfigModel(BaseModel):
    """A part of a monitor's file: unknown keys are mistakes, and nothing changes once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)
