"""The cells of one feature: what the model and the contract want of them, and as what the model gets them.

What the model cannot take is refused in any case; the contract's rules do not hold where a known exception says so,
and those of `severity: warn` never refuse.
"""

import math
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from include.serving.excuses import Excused
from include.serving.plan import Plan, Value
from include.spec import ColumnSpec

Cells = Sequence[object]
Rule = tuple[str, Callable[[Any], bool]]
"""What must hold, in words and as a function."""
MOST_WORDS, LONGEST_WORD = 10_000, 100  # words known to be admitted, so that no pattern has to be tried again
LIMITS = {"int": 2.0**63 - 1024, "float32": 3.4028234663852886e38, "float": sys.float_info.max}
"""The largest numbers that the lake and an estimator can hold; as doubles."""


class Problem(msgspec.Struct, frozen=True):
    """One refusal: the row's place in the request (None: all of them), the column, what was there, the broken rule."""

    row: int | None
    column: str
    value: Any
    rule: str


Check = Callable[[Cells, list[Problem], Excused], list[Value]]


def check_of(name: str, plan: Plan, column: ColumnSpec | None) -> Check:
    """What makes a column's cells the model's values; problems that it finds are added to the list it is given."""
    return (_Words if name in plan.words else _Numbers)(name, plan, column).check()


class _Feature:
    def __init__(self, name: str, plan: Plan, column: ColumnSpec | None) -> None:
        judged = column if column is not None and column.severity == "fail" else None
        self._name, self._refuses_missing = name, name in plan.refuses_missing
        self._nullable = judged is None or judged.nullable
        self._rules = list(_rules(judged)) if judged is not None else []

    def _broken(self, cell: object, value: Value) -> str | None:
        """The first of the contract's rules that the cell breaks."""
        if cell is None:
            return None if self._nullable else "nullable: false"
        return next((words for words, holds in self._rules if not holds(value)), None)


class _Numbers(_Feature):
    def __init__(self, name: str, plan: Plan, column: ColumnSpec | None) -> None:
        super().__init__(name, plan, column)
        self._kind = column.type if column else "float"
        self._limit = LIMITS["float32" if name in plan.float32 else "int" if self._kind == "int" else "float"]
        judged = column if column is not None and column.severity == "fail" else None
        low, high = (judged.min, judged.max) if judged is not None else (None, None)
        self._low = max(-self._limit, -math.inf if low is None else low)
        self._high = min(self._limit, math.inf if high is None else high)
        self._listed = judged is not None and judged.one_of is not None

    def check(self) -> Check:
        """What is good at first sight is taken; the rest is judged."""
        low, high, unlisted, judged = self._low, self._high, not self._listed, self._judged
        whole, flag, nullable = self._kind == "int", self._kind == "bool", self._nullable and not self._refuses_missing

        def check(cells: Sequence[Any], problems: list[Problem], excused: Excused) -> list[Value]:
            made: list[Value] = []
            for row, cell in enumerate(cells):
                kind = cell.__class__
                if (
                    kind is float
                    and unlisted
                    and low <= cell <= high
                    and not (flag or (whole and not cell.is_integer()))
                ):
                    made.append(cell)
                elif kind is int and unlisted and low <= cell <= high and not flag:
                    made.append(float(cell))
                elif cell is None and nullable:
                    made.append(math.nan)
                else:
                    made.append(judged(row, cell, problems, excused))
            return made

        return check

    def _judged(self, row: int, cell: object, problems: list[Problem], excused: Excused) -> Value:
        rule = self._unfit(cell)
        value = math.nan if rule is not None or cell is None else float(cell)  # type: ignore[arg-type]
        if rule is None and not excused(row):
            rule = self._broken(cell, value)
        if rule is not None:
            problems.append(Problem(row, self._name, cell, rule))
        return value

    def _unfit(self, cell: object) -> str | None:
        """Why the model cannot take the cell."""
        if cell is None:
            return "the model takes no null" if self._refuses_missing else None
        if not isinstance(cell, int | float) or isinstance(cell, bool) != (self._kind == "bool"):
            return f"type: {self._kind}"
        if not -self._limit <= cell <= self._limit:
            return f"type: {self._kind}, at most {self._limit:g}"
        return "type: int" if self._kind == "int" and not float(cell).is_integer() else None


class _Words(_Feature):
    def __init__(self, name: str, plan: Plan, column: ColumnSpec | None) -> None:
        super().__init__(name, plan, column)
        self._kind = column.type if column else "string"
        known = plan.known_words.get(name)
        self._known = None if known is None else frozenset(known)
        self._admitted: dict[object, Value] = {}

    def check(self) -> Check:
        """A word that was admitted before is taken; the rest is judged."""
        admitted, judged = self._admitted, self._judged

        def check(cells: Cells, problems: list[Problem], excused: Excused) -> list[Value]:
            return [
                admitted[cell] if cell.__class__ is str and cell in admitted else judged(row, cell, problems, excused)
                for row, cell in enumerate(cells)
            ]

        return check

    def _judged(self, row: int, cell: object, problems: list[Problem], excused: Excused) -> Value:
        word = None if cell is None else _word(cell, self._kind)
        rule = self._unfit(cell, word)
        pardoned = rule is None and excused(row)
        if rule is None and not pardoned:
            rule = self._broken(cell, word)
        if rule is not None:
            problems.append(Problem(row, self._name, cell, rule))
        elif isinstance(cell, str) and not pardoned and len(cell) <= LONGEST_WORD and len(self._admitted) < MOST_WORDS:
            self._admitted[cell] = word
        return word

    def _unfit(self, cell: object, word: str | None) -> str | None:
        """Why the model cannot take the cell."""
        if cell is None:
            return "the model takes no null" if self._refuses_missing else None
        if word is None:
            return f"type: {self._kind}"
        return None if self._known is None or word in self._known else "the model knows no such word"


def _word(cell: object, kind: str) -> str | None:
    """The word that the pipeline gets, as the lake would have it; None where the cell is of another type."""
    if kind == "string":
        return cell if isinstance(cell, str) else None
    if kind == "bool":
        return str(cell).lower() if isinstance(cell, bool) else None
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    fits = isinstance(cell, int) and not isinstance(cell, bool) and -(2**63) <= cell < 2**63
    return str(cell) if fits else None


def _rules(column: ColumnSpec) -> Iterator[Rule]:
    """What the contract wants of a value that is there. Whole numbers may come as words."""
    if column.one_of is not None:
        listed = frozenset(column.one_of) | {str(one) for one in column.one_of}
        yield f"one_of: {', '.join(map(str, column.one_of))}", listed.__contains__
    if column.min is not None:
        low = column.min
        yield f"min: {low:g}", lambda value: float(value) >= low
    if column.max is not None:
        high = column.max
        yield f"max: {high:g}", lambda value: float(value) <= high
    if column.pattern is not None:
        pattern = re.compile(column.pattern)
        yield f"pattern: {column.pattern}", lambda word: pattern.search(word) is not None
    if column.min_length is not None:
        fewest = column.min_length
        yield f"min_length: {fewest}", lambda word: len(word) >= fewest
    if column.max_length is not None:
        most = column.max_length
        yield f"max_length: {most}", lambda word: len(word) <= most
