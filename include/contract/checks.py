"""The rules of one column, measured block by block: which rows of a block break them."""

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as kinds
from numpy.typing import NDArray

from include.contract.conform import Places, places_of
from include.contract.tally import Block, Tally
from include.spec import ColumnSpec, ContractSpec

# What Arrow's regular expressions (RE2) and Python's understand in the same way, up to a line break at the end.
_PLAIN_PATTERN = re.compile(r"(?:[^\\(\[{]|\\[.\-+*?\[\](){}^$|/]|\((?!\?)|\[(?!:)|\{(?!,))*")
FIRST_MOMENT = datetime(1, 1, 1, tzinfo=UTC)
LAST_MOMENT = datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
_MOST = 2**63 - 1
_NOWHERE = np.zeros(0, np.int64)


class Check(ABC):
    """One rule of one column. `metric` and `arguments` are Great Expectations' names for what it measures."""

    metric: str

    def __init__(self, contract: ContractSpec, column: str, arguments: Mapping[str, Any]) -> None:
        self.arguments = dict(arguments)
        self.tally = Tally(contract, column)

    def take(self, column: pa.Array, block: Block, skipped: NDArray[np.bool_] | None = None) -> None:
        """Takes the column of a block into account, without the rows for which the rule does not hold."""
        places = self.failing(column)
        if skipped is not None:
            places = places[~skipped[places]]
        if len(places):
            self.tally.add(places, block)

    @abstractmethod
    def failing(self, column: pa.Array) -> Places:
        """The rows that break the rule; a null breaks none but the one on nulls."""


class NullCheck(Check):
    """Values must be there."""

    metric = "column_values.nonnull"

    def take(self, column: pa.Array, block: Block, skipped: NDArray[np.bool_] | None = None) -> None:
        if skipped is not None:
            super().take(column, block, skipped)
        elif column.null_count:
            places = _NOWHERE if self.tally.full else self.failing(column)
            self.tally.add(places, block, column.null_count)

    def failing(self, column: pa.Array) -> Places:
        return np.flatnonzero(column.is_null().to_numpy(zero_copy_only=False))


class RangeCheck(Check):
    """Numbers must lie between two bounds."""

    metric = "column_values.between"

    def __init__(self, contract: ContractSpec, column: str, low: float | None, high: float | None) -> None:
        super().__init__(contract, column, {"min_value": low, "max_value": high})
        self._low, self._high = (-math.inf if low is None else low), (math.inf if high is None else high)
        if contract.columns[column].type == "int":
            self._low, self._high = _whole(self._low, math.ceil), _whole(self._high, math.floor)

    def failing(self, column: pa.Array) -> Places:
        values = (column.drop_null() if column.null_count else column).to_numpy(zero_copy_only=False)
        if not len(values) or (values.min() >= self._low and values.max() <= self._high):
            return _NOWHERE
        return _where(pc.or_(pc.less(column, self._low), pc.greater(column, self._high)))


class MomentCheck(Check):
    """Moments must lie between two others."""

    metric = "column_values.between"

    def __init__(self, contract: ContractSpec, column: str, first: datetime, last: datetime) -> None:
        super().__init__(contract, column, {"min_value": first, "max_value": last})
        self._bounds = pa.array([first, last], pa.timestamp("us", "UTC")).view(pa.int64()).to_pylist()

    def failing(self, column: pa.Array) -> Places:
        numbers, (first, last) = column.view(pa.int64()), self._bounds
        return _where(pc.or_(pc.less(numbers, first), pc.greater(numbers, last)))


class SetCheck(Check):
    """Words or whole numbers must be among those listed."""

    metric = "column_values.in_set"

    def __init__(self, contract: ContractSpec, column: str, allowed: tuple[str | int, ...]) -> None:
        super().__init__(contract, column, {"value_set": list(allowed)})
        self._allowed = pa.array(allowed)

    def failing(self, column: pa.Array) -> Places:
        if kinds.is_dictionary(column.type):
            return places_of(column, ~_flags(pc.is_in(column.dictionary, value_set=self._allowed)))
        return _where(pc.and_(pc.invert(pc.is_in(column, value_set=self._allowed)), column.is_valid()))


class WordCheck(Check):
    """A rule on words, asked once for each different one."""

    def failing(self, column: pa.Array) -> Places:
        return places_of(column, self.bad(column.dictionary))

    @abstractmethod
    def bad(self, words: pa.Array) -> NDArray[np.bool_]:
        """Which of these words break the rule."""


class PatternCheck(WordCheck):
    """A part of each word must match a regular expression, as Python reads it."""

    metric = "column_values.match_regex"

    def __init__(self, contract: ContractSpec, column: str, pattern: str) -> None:
        super().__init__(contract, column, {"regex": pattern})
        self._pattern = re.compile(pattern)
        self._quick = _is_understood(pattern)

    def bad(self, words: pa.Array) -> NDArray[np.bool_]:
        bad = np.ones(len(words), bool)
        if self._quick:
            bad = ~_flags(pc.match_substring_regex(words, self._pattern.pattern))
        for place in np.flatnonzero(bad):
            bad[place] = self._pattern.search(words[int(place)].as_py()) is None
        return bad


class LengthCheck(WordCheck):
    """Words must have so many characters."""

    metric = "column_values.value_length.between"

    def __init__(self, contract: ContractSpec, column: str, low: int | None, high: int | None) -> None:
        super().__init__(contract, column, {"min_value": low, "max_value": high})
        self._low, self._high = low or 0, math.inf if high is None else high

    def bad(self, words: pa.Array) -> NDArray[np.bool_]:
        lengths = pc.utf8_length(words).to_numpy(zero_copy_only=False)
        return np.asarray((lengths < self._low) | (lengths > self._high))


def event_bounds(contract: ContractSpec, key: str | None) -> tuple[datetime, datetime] | None:
    """The first and the last moment at which an event of the partition may happen; None: at any time."""
    early, late = contract.freshness.early_hours, contract.freshness.late_hours
    if key is None or (early is None and late is None):
        return None
    begin = datetime.combine(contract.day_of(key), time(), UTC)
    end = begin + timedelta(days=1) - timedelta(microseconds=1)
    first = FIRST_MOMENT if early is None else begin - timedelta(hours=early)
    last = LAST_MOMENT if late is None else end + timedelta(hours=late)
    return first, last


def checks_of(contract: ContractSpec, name: str, spec: ColumnSpec, key: str | None) -> Iterator[Check]:
    """Every rule of a column but uniqueness; nulls are counted in any case."""
    yield NullCheck(contract, name, {})
    if spec.min is not None or spec.max is not None:
        yield RangeCheck(contract, name, spec.min, spec.max)
    if spec.one_of is not None:
        yield SetCheck(contract, name, spec.one_of)
    if spec.pattern is not None:
        yield PatternCheck(contract, name, spec.pattern)
    if spec.min_length is not None or spec.max_length is not None:
        yield LengthCheck(contract, name, spec.min_length, spec.max_length)
    if name == contract.event_time and (bounds := event_bounds(contract, key)) is not None:
        yield MomentCheck(contract, name, *bounds)


def _whole(bound: float, rounded: Callable[[float], int]) -> int:
    """The bound as a whole number of 64 bits: beside a float, large whole numbers are not compared as they are."""
    found = _MOST if bound > _MOST else -_MOST - 1 if bound < -_MOST else rounded(bound)
    return min(max(found, -_MOST - 1), _MOST)


def _is_understood(pattern: str) -> bool:
    if not _PLAIN_PATTERN.fullmatch(pattern):
        return False
    try:
        pc.match_substring_regex(pa.array([""]), pattern)
    except pa.ArrowException:
        return False
    return True


def _flags(column: pa.Array) -> NDArray[np.bool_]:
    return np.asarray(column.to_numpy(zero_copy_only=False), bool)


def _where(flags: pa.Array) -> Places:
    return np.flatnonzero(_flags(pc.fill_null(flags, False)))
