"""`contract.yaml`: what the data of one dataset must satisfy before anything is trained on it."""

import re
from datetime import date, datetime
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from include.spec.alerts import Channel
from include.spec.contract_rules import Baseline, Between, Evolution, Freshness, KnownException, Severity
from include.spec.frozen import Frozen, Measured

__all__ = ["NAME", "ColumnSpec", "ContractSpec", "Frozen", "Landing", "Measured", "RowBounds"]

NAME = r"^[a-z][a-z0-9_]*$"
_LISTED: dict[str, type] = {"string": str, "int": int}


class Landing(Frozen):
    """Where new partitions land: `<uri>/<key>/*.parquet`."""

    uri: str | None = Field(None, description="folder or s3://bucket/prefix; default: <lake>/landing/<dataset>")
    marker: str | None = Field("_SUCCESS", description="file that says it is complete; null: wait until it rests")
    rest_seconds: float = Field(60, gt=0, description="without a marker: unchanged for so long is complete")


class RowBounds(Frozen):
    """How many rows one partition may have, at all and beside those before it."""

    min: int = Field(1, ge=0)
    max: int | None = Field(None, ge=1)
    min_of_baseline: float | None = Field(None, gt=0, le=1, description="at least this part of the baseline's mean")
    max_of_baseline: float | None = Field(None, ge=1, description="at most so many times the baseline's mean")
    severity: Severity = "fail"

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
    one_of: tuple[str | int, ...] | None = None
    pattern: str | None = None
    min_length: int | None = Field(None, ge=0, description="strings only: fewest characters")
    max_length: int | None = Field(None, ge=0, description="strings only: most characters")
    unique: bool = Field(False, description="whether each value may be there once only, nulls aside")
    max_null_share: float | None = Field(None, ge=0, le=1)
    max_drift: float | None = Field(None, gt=0, description="largest population stability index to the baseline")
    since: str | None = Field(None, description="before this partition key the column may be missing: it is null")
    until: str | None = Field(None, description="after this partition key the column may be missing: it is null")
    severity: Severity = "fail"
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
        self._possible_words()
        if self.max_null_share is not None and not self.nullable:
            raise ValueError("max_null_share needs nullable: true")
        if (self.since is not None or self.until is not None) and not self.nullable:
            raise ValueError("since and until need nullable: true: where the column is missing it is null")
        if self.max_drift is not None and (self.personal or self.type == "timestamp"):
            raise ValueError("max_drift needs a profile, which personal columns and timestamps do not have")
        return self

    def _possible_words(self) -> None:
        if self.one_of is not None and {type(value) for value in self.one_of} != {_LISTED.get(self.type)}:
            raise ValueError(
                f"one_of and pattern describe strings, not a column of type {self.type}; one_of may list whole "
                "numbers of an int column too"
            )
        if self.pattern is not None and self.type != "string":
            raise ValueError(f"one_of and pattern describe strings, not a column of type {self.type}")
        low, high = self.min_length, self.max_length
        if (low is not None or high is not None) and self.type != "string":
            raise ValueError(f"min_length and max_length describe strings, not a column of type {self.type}")
        if low is not None and high is not None and high < low:
            raise ValueError(f"max_length {high} is below min_length {low}")


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
    freshness: Freshness = Freshness()
    baseline: Baseline = Baseline()
    evolution: Evolution = Evolution()
    exceptions: tuple[KnownException, ...] = ()
    alerts: dict[str, Channel] = {}
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

    @model_validator(mode="after")
    def _exceptions_exist(self) -> Self:
        for one in self.exceptions:
            for name in (*one.where, *one.skip):
                if name not in self.columns:
                    raise ValueError(
                        f"exceptions name '{name}', which is no column. Columns: {', '.join(self.columns)}"
                    )
            for name, condition in one.where.items():
                self._comparable(name, condition)
            if kept := [name for name in one.skip if name in self.keys]:
                raise ValueError(f"exceptions cannot skip the rules of keys: {', '.join(kept)}. Drop the rows instead")
        return self

    def _comparable(self, name: str, condition: tuple[str | int, ...] | Between | None) -> None:
        kind = self.columns[name].type
        if isinstance(condition, Between) and kind not in {"int", "float"}:
            raise ValueError(f"exceptions compare '{name}' with min and max, but it is of type {kind}")
        if isinstance(condition, tuple) and {type(one) for one in condition} != {_LISTED.get(kind)}:
            raise ValueError(f"exceptions list values for '{name}' that a column of type {kind} cannot have")

    @model_validator(mode="after")
    def _keys_are_days(self) -> Self:
        named = {f"columns.{name}.since": one.since for name, one in self.columns.items()}
        named |= {f"columns.{name}.until": one.until for name, one in self.columns.items()}
        named |= {f"exceptions.{place}.last_key": one.last_key for place, one in enumerate(self.exceptions)}
        for place, key in named.items():
            self._require_day(place, key)
        return self

    def _require_day(self, place: str, key: str | None) -> None:
        try:
            _ = key is None or self.day_of(key)
        except ValueError as problem:
            raise ValueError(f"{place} '{key}' is no partition key as {self.partition_format} writes it") from problem

    def day_of(self, key: str) -> date:
        """The day a partition key names; ValueError if it names none."""
        return datetime.strptime(key, self.partition_format).date()
