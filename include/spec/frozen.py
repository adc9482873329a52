"""Declared and measured values: they refuse what is unknown or impossible, and never change."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A value that refuses unknown keys, other types, numbers that are none and changes."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)


class Measured(Frozen):
    """A value that may hold what could not be measured: NaN and infinity survive its JSON, as text."""

    model_config = ConfigDict(allow_inf_nan=True, ser_json_inf_nan="strings")
