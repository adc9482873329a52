"""`contract.yaml`: what the data of one dataset must satisfy before anything is trained on it."""

import re
from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

NAME = r"^[a-z][a-z0-9_]*$"


class Frozen(BaseModel):
    """A value that refuses unknown keys, other types, numbers that are none and changes."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)


class Measured(Frozen):
    """A value that may hold what could not be measured: NaN and infinity survive its JSON, as text."""

    model_config = ConfigDict(allow_inf_nan=True, ser_json_inf_nan="strings")


class Landing(Frozen):
    """Where new partitions land: `<uri>/<key>/*.parquet`."""

    uri: str | None = Field(None, description="folder or s3://bucket/prefix; default: <lake>/landing/<dataset>")
    marker: str | None = Field("_SUCCESS", description="file that says it is complete; null: wait until it rests")
    rest_seconds: float = Field(60, gt=0, description="without a marker: unchanged for so long is complete")


class RowBounds(Frozen):
    """How many rows one partition may have."""

    min: int = Field(1, ge=0)
    max: int | None = Field(None, ge=1)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.max is not None and self.max < self.min:
            raise ValueError(f"rows.max {self.max} is below rows.min {self.min}")
        return self


class ColumnSpec(Frozen):
    """The rules of one column. `severity: warn` reports a breach and admits the partition all the same."""

    type: Literal["string", "int", "float", "bool", "timestamp"]
    nullable: bool = False
    min: float | None = None
    max: float | None = None
    one_of: tuple[str, ...] | None = None
    pattern: str | None = None
    max_null_share: float | None = Field(None, ge=0, le=1)
    severity: Literal["fail", "warn"] = "fail"
    personal: bool = False
    known: Literal["before", "after"] = Field(
        "before", description="`after`: only once the event is over, so no feature of a model"
    )
    description: str = ""

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        try:
            re.compile(pattern or "")
        except re.error as problem:
            raise ValueError(f"not a regular expression: {problem}") from problem
        return pattern

    @model_validator(mode="after")
    def _possible(self) -> Self:
        bounded = self.min is not None or self.max is not None
        if bounded and self.type not in {"int", "float"}:
            raise ValueError(f"min and max bound numbers, not a column of type {self.type}")
        if self.min is not None and self.max is not None and self.max < self.min:
            raise ValueError(f"max {self.max} is below min {self.min}")
        if (self.one_of is not None or self.pattern is not None) and self.type != "string":
            raise ValueError(f"one_of and pattern describe strings, not a column of type {self.type}")
        if self.max_null_share is not None and not self.nullable:
            raise ValueError("max_null_share needs nullable: true")
        return self


class ContractSpec(Frozen):
    """The contract of one dataset: its partitions, keys, columns and bounds."""

    dataset: str = Field(pattern=NAME)
    owner: str
    description: str = ""
    landing: Landing = Landing()
    partition_format: str = "%Y-%m-%d"
    event_time: str
    keys: tuple[str, ...] = Field(min_length=1)
    rows: RowBounds = RowBounds()
    columns: dict[str, ColumnSpec] = Field(min_length=1)

    @field_validator("partition_format")
    @classmethod
    def _daily(cls, pattern: str) -> str:
        moment = datetime(2013, 11, 23)
        try:
            back = datetime.strptime(moment.strftime(pattern), pattern)
        except ValueError as problem:
            raise ValueError(f"not a strftime format: {problem}") from problem
        if back != moment or not re.fullmatch(r"[A-Za-z0-9_.~:+-]+", moment.strftime(pattern)):
            raise ValueError("must name one day, with letters, digits and _.~:+- only, as %Y-%m-%d does")
        if (
            not datetime(2013, 2, 28).strftime(pattern)
            < moment.strftime(pattern)
            < datetime(2014, 1, 1).strftime(pattern)
        ):
            raise ValueError("keys must sort as text in the order of their days, as %Y-%m-%d does")
        return pattern

    @model_validator(mode="after")
    def _columns_exist(self) -> Self:
        for place, name in [("event_time", self.event_time), *[("keys", key) for key in self.keys]]:
            if name not in self.columns:
                raise ValueError(f"{place} names '{name}', which is no column. Columns: {', '.join(self.columns)}")
        if self.columns[self.event_time].type != "timestamp":
            raise ValueError(f"event_time '{self.event_time}' must be a column of type timestamp")
        nullable = [key for key in self.keys if self.columns[key].nullable]
        if nullable:
            raise ValueError(f"keys may not be nullable: {', '.join(nullable)}")
        return self
