"""What a pass over the rows measured, under the names by which Great Expectations asks for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from include.contract.tally import Tally


@dataclass(frozen=True)
class Measured:
    """How often one rule was broken: its metric, its columns, the arguments it was measured with, and examples."""

    metric: str
    columns: tuple[str, ...]
    arguments: Mapping[str, Any]
    tally: Tally
    examples: tuple[dict[str, str], ...]


@dataclass(frozen=True)
class Measurements:
    """Rows, columns and every measured rule of a partition; `drifts` are the columns' distances to the baseline."""

    rows: int
    columns: tuple[str, ...]
    measured: tuple[Measured, ...]
    drifts: Mapping[str, float]

    def of(self, metric: str, columns: tuple[str, ...], arguments: Mapping[str, Any]) -> Measured:
        """The rule measured with just these arguments; LookupError where none was."""
        for one in self.measured:
            if (one.metric, one.columns) == (metric, columns) and _agree(one.arguments, arguments):
                return one
        told = ", ".join(f"{name} {value!r}" for name, value in arguments.items())
        raise LookupError(f"{metric} of {', '.join(columns)} was not measured with {told or 'no arguments'}")


def _agree(measured: Mapping[str, Any], asked: Mapping[str, Any]) -> bool:
    return all(asked.get(name) == value for name, value in measured.items())
