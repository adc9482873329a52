"""Days on which the world is known to be another one."""

from datetime import date
from typing import Self

from pydantic import Field, model_validator

from include.spec.frozen import Frozen


class QuietDays(Frozen):
    """A range of days, its ends included, in which drift is expected and does not alarm. Performance always does."""

    first: date = Field(description="first day")
    last: date = Field(description="last day")
    reason: str = Field(min_length=3, description="why drift is expected then; shown wherever it keeps an alarm quiet")
    every_year: bool = Field(False, description="the same days of every year; the years of `first` and `last` are moot")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.last < self.first:
            raise ValueError(f"calendar: last {self.last} is before first {self.first}")
        return self

    def holds(self, day: date) -> bool:
        """Whether the day is one of them."""
        if not self.every_year:
            return self.first <= day <= self.last
        if (self.last - self.first).days >= 365:  # noqa: PLR2004
            return True
        first, last, this = ((one.month, one.day) for one in (self.first, self.last, day))
        return first <= this <= last if first <= last else this >= first or this <= last
