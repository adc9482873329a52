"""What a request's rows have to satisfy before a model sees them: types, and the rules of the contract that fail.

All or nothing: where one row is refused, no row of the request is answered, and the refusals found are named.
"""

from collections.abc import Mapping, Sequence

from include.serving.cells import Cells, Problem, check_of
from include.serving.excuses import Excuses, nobody
from include.serving.plan import Plan, Value
from include.spec import ContractSpec

SHOWN = 20  # refusals that an answer names
MISSING, UNKNOWN = "required: send null where it is not known", "no column of the contract"
Columns = Mapping[str, Cells]


class Refused(Exception):
    """The request holds rows that cannot be answered."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(f"{len(problems)} refused")
        self.problems = problems


class Admission:
    """The rules of one version's features."""

    def __init__(self, plan: Plan, contract: ContractSpec) -> None:
        self._known = contract.columns.keys() | set(plan.features)
        self._wanted, self._excuses = frozenset(plan.features), Excuses(contract)
        self._checks = [(name, check_of(name, plan, contract.columns.get(name))) for name in plan.features]

    def rows(self, columns: Columns) -> list[tuple[Value, ...]]:
        """The rows as the model takes them. Refused where a column is missing or unknown, or a cell breaks a rule."""
        if len(columns) > len(self._checks) or not self._wanted <= columns.keys():
            self._structure(columns)
        problems: list[Problem] = []
        odd = self._excuses.columns
        made = [
            check(columns[name], problems, self._excuses.of(name, columns) if name in odd else nobody)
            for name, check in self._checks
        ]
        rows = list(zip(*made, strict=True))
        for row, one in self._excuses.left_out(columns, len(rows)):
            column = next(iter(one.where))
            problems.append(Problem(row, column, columns[column][row], f"left out of all training: {one.reason}"))
        if problems:
            raise Refused(problems[:SHOWN])
        return rows

    def _structure(self, columns: Columns) -> None:
        missing = [Problem(None, name, None, MISSING) for name, _ in self._checks if name not in columns]
        unknown = [Problem(None, name, None, UNKNOWN) for name in columns if name not in self._known]
        if missing or unknown:
            raise Refused([*missing, *unknown][:SHOWN])
