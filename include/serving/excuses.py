"""The contract's known exceptions, for rows of a request as for those of a partition."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from include.spec import Between, ContractSpec, KnownException

Columns = Mapping[str, Sequence[object]]
Excused = Callable[[int], bool]
"""Whether the rules of a column do not hold for the row at this place."""


def nobody(_: int) -> bool:
    """Excused for columns that no exception is about."""
    return False


class Excuses:
    """Which rules do not hold for a row, and which rows no model learnt from.

    An exception about a column that is not sent does not apply. One that ends applies up to its last key, by the row's
    event time, or now where none is sent.
    """

    def __init__(self, contract: ContractSpec) -> None:
        self._contract = contract
        self._drops = [one for one in contract.exceptions if one.drop]
        self._skips = {name: [one for one in contract.exceptions if name in one.skip] for name in contract.columns}
        self.columns = {name for name, exceptions in self._skips.items() if exceptions}

    def of(self, column: str, columns: Columns) -> Excused:
        """For which rows of the request the rules of the column, one of `self.columns`, do not hold."""
        return lambda row: any(self._applies(one, columns, row) for one in self._skips[column])

    def left_out(self, columns: Columns, rows: int) -> list[tuple[int, KnownException]]:
        """The rows that would be left out of a partition, each with the exception that says so."""
        if not self._drops:
            return []
        found = ((row, one) for row in range(rows) for one in self._drops if self._applies(one, columns, row))
        return list(dict(found).items())

    def _applies(self, one: KnownException, columns: Columns, row: int) -> bool:
        if not all(name in columns and _meets(columns[name][row], wanted) for name, wanted in one.where.items()):
            return False
        return one.last_key is None or self._key(columns, row) <= one.last_key

    def _key(self, columns: Columns, row: int) -> str:
        """The partition that the row belongs to."""
        now = datetime.now(UTC)
        try:
            moment = datetime.fromisoformat(str(columns[self._contract.event_time][row]))
        except (KeyError, ValueError):
            moment = now
        return moment.astimezone(UTC).strftime(self._contract.partition_format)


def _meets(cell: object, wanted: tuple[str | int, ...] | Between | None) -> bool:
    if wanted is None:
        return cell is None
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        return False
    if isinstance(wanted, tuple):
        return cell in wanted
    low, high = wanted.min, wanted.max
    return not isinstance(cell, str) and (low is None or cell >= low) and (high is None or cell <= high)
