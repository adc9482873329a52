"""`features.yaml`: window features, each a number about the rows of one entity in the time before a moment."""

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from include.spec.contract import ColumnSpec, ContractSpec
from include.spec.frozen import Frozen

Aggregate = Literal["count", "sum", "mean", "rate"]
Duration = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,5}[smhd]$")]
_UNITS = {"s": 10**6, "m": 60 * 10**6, "h": 3600 * 10**6, "d": 86_400 * 10**6}
_NUMBERS, _ENTITIES = ("int", "float", "bool"), ("string", "int")
_ANY = (*_NUMBERS, "string", "timestamp")
COMPUTED = ColumnSpec(type="float", nullable=True)  # what a window feature is to whoever asks for its column


def microseconds(duration: str) -> int:
    """Example: 7d -> 604800000000"""
    return int(duration[:-1]) * _UNITS[duration[-1]]


class WindowFeature(Frozen):
    """One window feature: of the rows with the same `by`, those of the last `window` that were known by then."""

    description: str = ""
    aggregate: Aggregate = Field(description="rate is the share of the known values above `above`, or that are true")
    of: str | None = Field(None, description="the column it is made of; a count without it counts rows")
    above: float | None = Field(None, description="only of a rate: the limit that numbers have to exceed")
    by: tuple[str, ...] = Field(min_length=1, description="the entity: columns whose values two rows share")
    window: Duration = Field(description="how far it looks back, such as 7d, 12h, 30m or 90s")
    step: Duration = Field("1h", description="it is renewed so often, counted from midnight UTC, from whole steps")
    known_after: Duration | None = Field(
        None, description="so long after its event a row is known; null: at its event, and so seen by later rows only"
    )
    known_at: str | None = Field(None, description="instead: the column that says when a row was known; null: never")
    decimals: int = Field(6, ge=0, le=9, description="floats are rounded to so many places, so that sums are exact")

    @property
    def lookback(self) -> timedelta:
        """How far before a partition's day the rows may lie that its own rows look at, in whole days.

        The window, and a day on both sides: an event's day need not be its partition's.
        """
        return timedelta(days=-(-microseconds(self.window) // _UNITS["d"]) + 2)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.of is None and self.aggregate != "count":
            raise ValueError(f"a {self.aggregate} is made of a column: name it with 'of'")
        if self.above is not None and self.aggregate != "rate":
            raise ValueError(f"above belongs to a rate, not to a {self.aggregate}")
        if len(set(self.by)) < len(self.by):
            raise ValueError(f"by names a column twice: {', '.join(self.by)}")
        if self.known_after is not None and self.known_at is not None:
            raise ValueError("known_after and known_at say the same thing twice: leave one out")
        if microseconds(self.window) % microseconds(self.step) or _UNITS["d"] % microseconds(self.step):
            raise ValueError(f"step {self.step} must divide the day and the window {self.window}")
        if self.known_after is not None and microseconds(self.known_after) >= microseconds(self.window):
            raise ValueError(f"window {self.window} is over before anything in it is known, after {self.known_after}")
        return self

    def check(self, name: str, contract: ContractSpec) -> None:
        """ValueError where the dataset does not have what it takes."""
        if name in contract.columns:
            raise ValueError(f"'{name}' is a column of {contract.dataset}: give the window feature another name")
        for place, column, types in self._named():
            if column not in contract.columns:
                known = ", ".join(contract.columns)
                raise ValueError(f"{name}.{place} names '{column}', which the contract lacks. Columns: {known}")
            found = contract.columns[column]
            if found.type not in types:
                required = " or ".join(types)
                raise ValueError(f"{name}.{place} names '{column}' of type {found.type}; required: {required}")
            if found.personal:
                raise ValueError(f"{name}.{place} names '{column}', which is personal: it stays out of the store")
        self._check_of(name, contract)

    def _named(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """Where a column is named, its name, and the types it may have."""
        named: list[tuple[str, str, tuple[str, ...]]] = [("by", column, _ENTITIES) for column in self.by]
        if self.of is not None:
            named.append(("of", self.of, _ANY if self.aggregate == "count" else _NUMBERS))
        if self.known_at is not None:
            named.append(("known_at", self.known_at, ("timestamp",)))
        return named

    def _check_of(self, name: str, contract: ContractSpec) -> None:
        late = [column for column in (*self.by, *([self.of] if self.of else [])) if _after(column, contract)]
        if late and self.known_after is None and self.known_at is None:
            raise ValueError(
                f"{name} is made of '{late[0]}', which is known only after the event (contract.yaml, "
                f"columns.{late[0]}.known): say when, with known_after or known_at"
            )
        if [column for column in self.by if _after(column, contract)]:
            raise ValueError(f"{name}.by names '{late[0]}', which is known only after the event: nothing can be asked")
        if self.aggregate == "rate" and (contract.columns[str(self.of)].type == "bool") == (self.above is not None):
            raise ValueError(f"{name}: a rate of numbers needs 'above', one of a bool column must not have it")


def _after(column: str, contract: ContractSpec) -> bool:
    return contract.columns[column].known == "after"
