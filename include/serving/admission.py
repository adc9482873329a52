"""What a request's rows have to satisfy before a model sees them: types, and the rules of the contract that fail.

All or nothing: where one row is refused, no row of the request is answered, and every refusal found is named.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from include.serving.plan import Plan, Value
from include.spec import ColumnSpec, ContractSpec

SHOWN = 20  # refusals that an answer names
Cells = Sequence[object]
Columns = Mapping[str, Cells]
Problems = list["Problem"]


class Problem(msgspec.Struct, frozen=True):
    """One refusal: the row's place in the request (None: all of them), the column, what was there, the broken rule."""

    row: int | None
    column: str
    value: Any
    rule: str


class Refused(Exception):
    """The request holds rows that cannot be answered."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(f"{len(problems)} refused")
        self.problems = problems


class Admission:
    """The rules of one version's features."""

    def __init__(self, plan: Plan, contract: ContractSpec) -> None:
        self._known = contract.columns.keys() | set(plan.features)
        self._checks = [(name, _check(name, plan, contract.columns.get(name))) for name in plan.features]

    def rows(self, columns: Columns) -> list[tuple[Value, ...]]:
        """The rows as the model takes them. Refused where a column is missing or unknown, or a cell breaks a rule."""
        problems: Problems = []
        checked = []
        for name, check in self._checks:
            cells = columns.get(name)
            if cells is None:
                problems.append(Problem(None, name, None, "required: send null where it is not known"))
            else:
                checked.append(check(cells, problems))
        if len(columns) > len(self._checks):
            problems += [Problem(None, name, None, "no column of the contract")
                         for name in columns if name not in self._known]  # fmt: skip
        if problems:
            raise Refused(problems[:SHOWN])
        return list(zip(*checked, strict=True))


Check = Callable[[Cells, Problems], list[Value]]


def _check(name: str, plan: Plan, column: ColumnSpec | None) -> Check:
    nullable = name not in plan.refuses_missing and (column is None or column.nullable or column.severity == "warn")
    if name in plan.words:
        return _words(name, column, nullable, plan.known_words.get(name))
    return _numbers(name, column, nullable)


def _numbers(name: str, column: ColumnSpec | None, nullable: bool) -> Check:
    kind = column.type if column else "float"
    bounded = column if column is not None and column.severity == "fail" else None
    low = -math.inf if bounded is None or bounded.min is None else bounded.min
    high = math.inf if bounded is None or bounded.max is None else bounded.max
    listed = frozenset(bounded.one_of) if bounded is not None and bounded.one_of else None
    whole = kind == "int"

    def problem(row: int, cell: object) -> Problem:
        if cell is None:
            return Problem(row, name, cell, "nullable: false")
        if not isinstance(cell, int | float) or isinstance(cell, bool) != (kind == "bool"):
            return Problem(row, name, cell, f"type: {kind}")
        if whole and not float(cell).is_integer():
            return Problem(row, name, cell, "type: int")
        if cell < low:
            return Problem(row, name, cell, f"min: {low:g}")
        if cell > high:
            return Problem(row, name, cell, f"max: {high:g}")
        return Problem(row, name, cell, f"one_of: {', '.join(map(str, sorted(listed or ())))}")

    def check(cells: Cells, problems: Problems) -> list[Value]:
        made: list[Value] = []
        for row, cell in enumerate(cells):
            if cell.__class__ is float:
                good = low <= cell <= high and not (whole and not cell.is_integer())
            elif cell.__class__ is int:
                good = kind != "bool" and low <= cell <= high
            elif cell is None:
                good, cell = nullable, math.nan if nullable else None  # noqa: PLW2901
            else:
                good = cell.__class__ is bool and kind == "bool"
            if good and (listed is None or cell in listed or cell != cell):  # noqa: PLR0124 - not a number
                made.append(float(cell))  # type: ignore[arg-type]
            else:
                problems.append(problem(row, cell))
        return made

    return check


def _words(name: str, column: ColumnSpec | None, nullable: bool, known: Sequence[str] | None) -> Check:
    kind = column.type if column else "string"
    rules = _word_rules(column if column is not None and column.severity == "fail" else None, known)

    def broken(cell: object) -> str | None:
        if cell is None:
            return None if nullable else "nullable: false"
        word = _word(cell, kind)
        if word is None:
            return f"type: {kind}"
        return next((rule for rule, holds in rules if not holds(word)), None)

    admitted: dict[object, str | None] = {}

    def check(cells: Cells, problems: Problems) -> list[Value]:
        made: list[Value] = []
        for row, cell in enumerate(cells):
            if cell.__class__ is str and cell in admitted:
                made.append(admitted[cell])
                continue
            rule = broken(cell)
            if rule is not None:
                problems.append(Problem(row, name, cell, rule))
                continue
            word = None if cell is None else _word(cell, kind)
            made.append(word)
            if cell.__class__ is str and len(admitted) < MOST_WORDS:
                admitted[cell] = word
        return made

    return check


MOST_WORDS = 10_000  # words that are known to be admitted, so that no pattern has to be tried again


def _word(cell: object, kind: str) -> str | None:
    """The word that the pipeline gets, as the lake would have it; None where the cell is of another type."""
    if kind == "string":
        return cell if isinstance(cell, str) else None
    if kind == "bool":
        return str(cell).lower() if isinstance(cell, bool) else None
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return str(cell) if isinstance(cell, int) and not isinstance(cell, bool) else None


def _word_rules(column: ColumnSpec | None, known: Sequence[str] | None) -> list[tuple[str, Callable[[str], bool]]]:
    rules: list[tuple[str, Callable[[str], bool]]] = []
    if known is not None:
        rules.append(("the model knows no such word", frozenset(known).__contains__))
    if column is None:
        return rules
    if column.one_of:
        listed = frozenset(map(str, column.one_of))
        rules.append((f"one_of: {', '.join(map(str, column.one_of))}", listed.__contains__))
    if column.pattern is not None:
        pattern = re.compile(column.pattern)
        rules.append((f"pattern: {column.pattern}", lambda word: pattern.search(word) is not None))
    if column.min_length is not None:
        fewest = column.min_length
        rules.append((f"min_length: {fewest}", lambda word: len(word) >= fewest))
    if column.max_length is not None:
        most = column.max_length
        rules.append((f"max_length: {most}", lambda word: len(word) <= most))
    if column.type == "int" and (column.min is not None or column.max is not None):
        low, high = (-math.inf if column.min is None else column.min), (math.inf if column.max is None else column.max)
        rules.append((f"min: {low:g}, max: {high:g}", lambda word: low <= int(word) <= high))
    return rules
