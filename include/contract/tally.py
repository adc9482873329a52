"""How often a rule was broken, with the first few rows that did."""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from include.contract.conform import Places
from include.contract.findings import MOST_EXAMPLES, example, shown, value_of
from include.spec import ContractSpec

MOST_ROWS = 20


@dataclass(frozen=True)
class Block:
    """Some rows of a partition and the number of the first one; `left` are the places that remain where rows went."""

    table: pa.Table
    first: int
    left: Places | None = None

    def without(self, dropped: NDArray[np.bool_]) -> "Block":
        """The block without some of its rows; those that remain keep their numbers."""
        return Block(self.table.filter(pa.array(~dropped)), self.first, np.flatnonzero(~dropped))

    def number(self, place: int) -> int:
        """Where in the partition the row at this place landed."""
        return self.first + int(place if self.left is None else self.left[place])


@dataclass
class Tally:
    """Broken rows of one rule. `values` and `rows` are of the first twenty, `examples` of the first five."""

    contract: ContractSpec
    column: str | None
    count: int = 0
    rows: list[int] = field(default_factory=list)
    values: list[object] = field(default_factory=list)
    examples: list[dict[str, str]] = field(default_factory=list)

    def add(self, places: Places, block: Block, count: int | None = None) -> None:
        """Takes the broken rows of a block into account; `count` where only the first places are given."""
        self.count += len(places) if count is None else count
        first = places[: MOST_ROWS - len(self.rows)]
        self.rows += [block.number(place) for place in first]
        if self.column is not None and self.column in block.table.schema.names:
            self.values += [self._shown(value) for value in block.table[self.column].take(pa.array(first))]
        for place in first[: MOST_EXAMPLES - len(self.examples)]:
            row = {"row": str(block.number(place))}
            self.examples.append(row | example(block.table.slice(int(place), 1), self.contract, self.column))

    def _shown(self, scalar: pa.Scalar) -> object:
        value = value_of(scalar)
        return shown(self.contract, self.column, value) if isinstance(value, str) or self._is_personal else value

    @property
    def _is_personal(self) -> bool:
        return self.column is not None and self.contract.columns[self.column].personal

    @property
    def full(self) -> bool:
        """Whether further rows are only counted."""
        return len(self.rows) >= MOST_ROWS
