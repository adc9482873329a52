"""One pass over a partition: the contract's measurements, the profile and the content hash of the same rows.

Nothing but one block is in memory at a time; each row is read once. Only keys whose hashes meet are read again.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from include.contract.checks import checks_of
from include.contract.conform import TYPES, Misfit, cast, readable, structure
from include.contract.findings import Finding
from include.contract.measurements import Measured, Measurements
from include.contract.tally import Block, Tally
from include.contract.unique import KeyCheck, one_chunk
from include.lake.blocks import blocks
from include.lake.hashing import ColumnHash, hash_of
from include.lake.profile import Profile
from include.lake.profiling import Profiler
from include.spec import ContractSpec

THREADS = 2


class Source(Protocol):
    """Rows that can be read more than once, in pieces."""

    def schema(self) -> pa.Schema:
        """The columns and types there are."""

    def tables(self, columns: Sequence[str]) -> Iterator[tuple[str, pa.Table]]:
        """Some columns in pieces of no more than a block, each with the name of its file."""


@dataclass(frozen=True)
class Scanned:
    """What the pass saw. Without `measurements` the rows do not have the contract's columns and types.

    `altered` says that some values are others than those that landed: numbers that were none are null.
    """

    rows: int
    findings: tuple[Finding, ...]
    measurements: Measurements | None = None
    profile: Profile | None = None
    content_hash: str | None = None
    altered: bool = False


Sink = Callable[[pa.Table], None]


def scan(source: Source, contract: ContractSpec, folder: Path, sink: Sink | None = None) -> Scanned:
    """Reads the rows once.

    `folder` is for what does not fit into memory; `sink` gets each block in the contract's types, text as dictionaries.
    """
    return _Scan(source, contract, folder, sink).run()


class _Scan:
    def __init__(self, source: Source, contract: ContractSpec, folder: Path, sink: Sink | None) -> None:
        self._source, self._contract, self._sink = source, contract, sink
        self._schema = source.schema()
        self._shape = structure(self._schema, contract)
        self._names = readable(self._schema, contract)
        self._whole = len(self._names) == len(contract.columns)
        self._misfits: dict[str, tuple[Misfit, Tally]] = {}
        self._columns = {name: _Column(contract, name) for name in self._names}
        self._profiler = Profiler(contract)
        self._keys = [KeyCheck(contract, contract.keys, folder)]
        self._rows, self._altered = 0, False
        self._files: list[tuple[int, str]] = []

    def run(self) -> Scanned:
        with ThreadPoolExecutor(THREADS) as pool:
            for block in self._blocks(self._names, note=True):
                self._take(block, pool)
        if self._misfits or not self._whole:
            return Scanned(self._rows, (*self._shape, *self._misfit_findings()))
        for check in self._keys:
            check.settle(self._conformed)
        return Scanned(
            self._rows,
            self._shape,
            self._measurements(),
            self._profiler.result(self._rows),
            hash_of(column.hash for column in self._columns.values()),
            self._altered,
        )

    def _take(self, block: Block, pool: ThreadPoolExecutor) -> None:
        self._rows += block.table.num_rows
        table = self._cast(block)
        if table is None:
            return
        good = Block(table, block.first)
        list(pool.map(lambda name: self._measure(name, good), self._names))
        for check in self._keys:
            check.take(good)
        if self._sink is not None:
            self._sink(table)

    def _cast(self, block: Block) -> pa.Table | None:
        """The block in the contract's types; None from the first block on that cannot have them."""
        columns: dict[str, pa.Array] = {}
        for name in self._names:
            found = cast(one_chunk(block.table[name]), self._contract.columns[name].type)
            if isinstance(found, Misfit):
                first = self._misfits.setdefault(name, (found, Tally(self._contract, name)))
                first[1].add(found.places, block)
            else:
                columns[name] = found
                self._altered |= found.null_count != block.table[name].null_count
        return pa.table(columns) if self._whole and not self._misfits else None

    def _measure(self, name: str, block: Block) -> None:
        column, values = self._columns[name], block.table[name].chunk(0)
        column.hash.add(values)
        if name in self._profiler.columns:
            self._profiler.columns[name].add(values)
        for check in column.checks:
            check.take(values, block)

    def _blocks(self, columns: Sequence[str], *, note: bool = False) -> Iterator[Block]:
        first = 0
        for table in blocks(self._noted(columns) if note else (table for _, table in self._source.tables(columns))):
            yield Block(table, first)
            first += table.num_rows

    def _noted(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        rows = 0
        for name, table in self._source.tables(columns):
            if not self._files or self._files[-1][1] != name:
                self._files.append((rows, name))
            rows += table.num_rows
            yield table

    def _conformed(self, columns: Sequence[str]) -> Iterable[Block]:
        for block in self._blocks(columns):
            cells = {name: cast(one_chunk(block.table[name]), self._contract.columns[name].type) for name in columns}
            yield Block(pa.table(cells), block.first)

    def _misfit_findings(self) -> Iterator[Finding]:
        for name in self._names:
            if name in self._misfits:
                misfit, tally = self._misfits[name]
                yield Finding(
                    rule=misfit.rule,
                    column=name,
                    severity="fail",
                    observed=f"{tally.count} of {self._rows} {misfit.observed}",
                    required=misfit.required,
                    failing_rows=tally.count,
                    examples=self._located(tally),
                )

    def _measurements(self) -> Measurements:
        found = [
            Measured(check.metric, (name,), check.arguments, check.tally, self._located(check.tally))
            for name, column in self._columns.items()
            for check in column.checks
        ]
        for keys in self._keys:
            metric = "column_values.unique" if len(keys.columns) == 1 else "compound_columns.unique"
            found.append(Measured(metric, keys.columns, {}, keys.tally, self._located(keys.tally)))
        return Measurements(self._rows, tuple(self._names), tuple(found))

    def _located(self, tally: Tally) -> tuple[dict[str, str], ...]:
        """The examples, with the file each row is in where there are several."""
        if len(self._files) < 2:  # noqa: PLR2004
            return tuple(tally.examples)
        starts = [start for start, _ in self._files]
        files = [self._files[bisect_right(starts, int(one["row"])) - 1][1] for one in tally.examples]
        return tuple({"file": file, **one} for file, one in zip(files, tally.examples, strict=True))


class _Column:
    """What is kept of one column while its blocks come."""

    def __init__(self, contract: ContractSpec, name: str) -> None:
        spec = contract.columns[name]
        self.hash = ColumnHash(name, TYPES[spec.type])
        self.checks = list(checks_of(contract, name, spec))
