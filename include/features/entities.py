"""Entities as numbers: each combination of the values of `by` has one code."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Whole = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Entities:
    """The distinct entities: `words` are the values of each column of `by`, `numbers` the combinations there are."""

    words: dict[str, pa.Array]
    numbers: Whole

    @classmethod
    def of(cls, table: pa.Table) -> tuple[Self, Whole]:
        """The entities of a table that has the columns of `by` alone, and each row's code."""
        words = {name: pc.unique(_plain(table[name])) for name in table.column_names}
        numbers, codes = np.unique(_numbers(words, table)[0], return_inverse=True)
        return cls(words, numbers), codes.astype(np.int64)

    def __len__(self) -> int:
        return len(self.numbers)

    def table(self) -> pa.Table:
        """One row per entity, in the order of their codes."""
        columns, left = {}, self.numbers
        for name, words in reversed(self.words.items()):
            left, place = np.divmod(left, max(len(words), 1))
            columns[name] = words.take(pa.array(place))
        return pa.table({name: columns[name] for name in self.words})

    def codes(self, table: pa.Table) -> Whole:
        """The code of each row's entity, -1 where there is no such entity."""
        asked, there = _numbers(self.words, table)
        places = np.searchsorted(self.numbers, asked)
        found = there & (places < len(self.numbers))
        found[found] = self.numbers[places[found]] == asked[found]
        return np.where(found, places, -1)


def _numbers(words: dict[str, pa.Array], table: pa.Table) -> tuple[Whole, npt.NDArray[np.bool_]]:
    """The combination of each row as one number, and which rows have words that are known."""
    whole, there = np.zeros(table.num_rows, dtype=np.int64), np.ones(table.num_rows, dtype=np.bool_)
    for name, known in words.items():
        place = pc.fill_null(
            pc.index_in(_plain(table[name]).cast(known.type), value_set=known, skip_nulls=True), -1
        ).to_numpy()
        whole, there = whole * max(len(known), 1) + np.maximum(place, 0), there & (place >= 0)
    return whole, there


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
