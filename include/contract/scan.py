"""One pass over a partition: the contract's measurements, the profile and the content hash of the same rows.

Nothing but one block is in memory at a time; each row is read once. Only keys whose hashes meet are read again.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from include.contract.checks import checks_of
from include.contract.conform import TYPES, Misfit, absent, cast, nothing, readable, structure
from include.contract.exceptions import Excused, applying, excused
from include.contract.findings import Finding
from include.contract.measurements import Measured, Measurements
from include.contract.situation import ALONE, Situation
from include.contract.tally import Block, Tally
from include.contract.unique import KeyCheck, one_chunk
from include.lake.blocks import blocks
from include.lake.distance import excess_psi, shares_of
from include.lake.hashing import ColumnHash, hash_of
from include.lake.profile import ColumnProfile, Profile
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


def scan(
    source: Source, contract: ContractSpec, folder: Path, sink: Sink | None = None, beside: Situation = ALONE
) -> Scanned:
    """Reads the rows once.

    `folder` is for what does not fit into memory; `sink` gets each block in the contract's types, text as dictionaries.
    """
    return _Scan(source, contract, folder, sink, beside).run()


class _Scan:
    def __init__(
        self, source: Source, contract: ContractSpec, folder: Path, sink: Sink | None, beside: Situation
    ) -> None:
        self._source, self._contract, self._sink, self._beside = source, contract, sink, beside
        schema = source.schema()
        self._shape = structure(schema, contract, beside)
        self._names, self._absent = readable(schema, contract), absent(schema, contract, beside)
        self._whole = len(self._names) + len(self._absent) == len(contract.columns)
        self._exceptions = applying(contract, beside.key)
        self._misfits: dict[str, tuple[Misfit, Tally]] = {}
        self._columns = {name: _Column(contract, name, beside.key) for name in contract.columns if self._whole}
        self._profiler = Profiler(contract)
        unique = [(name,) for name, spec in contract.columns.items() if spec.unique and (name,) != contract.keys]
        self._keys = [KeyCheck(contract, names, folder) for names in (contract.keys, *unique)]
        self._landed, self._rows, self._altered = 0, 0, False
        self._files: list[tuple[int, str]] = []

    def run(self) -> Scanned:
        with ThreadPoolExecutor(THREADS) as pool:
            for block in self._blocks(self._names, note=True):
                self._take(block, pool)
        if self._misfits or not self._whole:
            return Scanned(self._landed, (*self._shape, *self._misfit_findings()))
        for check in self._keys:
            check.settle(self._conformed)
        profile = self._profiler.result(self._rows)
        return Scanned(
            self._rows,
            self._shape,
            self._measurements(profile),
            profile,
            hash_of(column.hash for column in self._columns.values()),
            self._altered,
        )

    def _take(self, block: Block, pool: ThreadPoolExecutor) -> None:
        self._landed += block.table.num_rows
        table = self._cast(block)
        if table is None:
            return
        good, found = Block(table, block.first), excused(table, self._exceptions)
        if found.dropped is not None and found.dropped.any():
            self._altered = True
            good = good.without(found.dropped)
            found = excused(good.table, self._exceptions)
        self._rows += good.table.num_rows
        list(pool.map(lambda name: self._measure(name, good, found), self._contract.columns))
        for check in self._keys:
            check.take(good)
        if self._sink is not None:
            self._sink(good.table)

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
        if not self._whole or self._misfits:
            return None
        for name in self._absent:
            columns[name] = nothing(block.table.num_rows, self._contract.columns[name].type)
        return pa.table({name: columns[name] for name in self._contract.columns})

    def _measure(self, name: str, block: Block, found: Excused) -> None:
        column, values = self._columns[name], one_chunk(block.table[name])
        column.hash.add(values)
        if name in self._profiler.columns:
            self._profiler.columns[name].add(values)
        for check in column.checks:
            check.take(values, block, found.skipped.get(name))

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
        """The judged rows once more, some of their columns; keys are never among the columns that may be missing."""
        drops = [one for one in self._exceptions if one.drop]
        wanted = list(dict.fromkeys([*columns, *(name for one in drops for name in one.where)]))
        landed = [name for name in wanted if name not in self._absent]
        for block in self._blocks(landed):
            kinds = {name: self._contract.columns[name].type for name in wanted}
            cells = {name: cast(one_chunk(block.table[name]), kinds[name]) for name in landed}
            cells |= {name: nothing(block.table.num_rows, kinds[name]) for name in wanted if name in self._absent}
            whole = Block(pa.table(cells), block.first)
            found = excused(whole.table, tuple(drops))
            yield whole if found.dropped is None else whole.without(found.dropped)

    def _misfit_findings(self) -> Iterator[Finding]:
        for name in self._names:
            if name in self._misfits:
                misfit, tally = self._misfits[name]
                yield Finding(
                    rule=misfit.rule,
                    column=name,
                    severity="fail",
                    observed=f"{tally.count} of {self._landed} {misfit.observed}",
                    required=misfit.required,
                    failing_rows=tally.count,
                    examples=self._located(tally),
                )

    def _measurements(self, profile: Profile) -> Measurements:
        found = [
            Measured(check.metric, (name,), check.arguments, check.tally, self._located(check.tally))
            for name, column in self._columns.items()
            for check in column.checks
        ]
        for keys in self._keys:
            metric = "column_values.unique" if len(keys.columns) == 1 else "compound_columns.unique"
            found.append(Measured(metric, keys.columns, {}, keys.tally, self._located(keys.tally)))
        return Measurements(self._rows, tuple(self._contract.columns), tuple(found), self._drifts(profile))

    def _drifts(self, profile: Profile) -> dict[str, float]:
        """How far each column lies from the baseline, where the contract bounds it."""
        if self._beside.earlier is None:
            return {}
        before, now = self._beside.earlier.profile.columns, profile.columns
        bounded = [name for name, spec in self._contract.columns.items() if spec.max_drift is not None]
        return {name: excess_psi(*shares_of(before[name], now[name])) for name in bounded if _alike(name, before, now)}

    def _located(self, tally: Tally) -> tuple[dict[str, str], ...]:
        """The examples, with the file each row is in where there are several."""
        if len(self._files) < 2:  # noqa: PLR2004
            return tuple(tally.examples)
        starts = [start for start, _ in self._files]
        files = [self._files[bisect_right(starts, int(one["row"])) - 1][1] for one in tally.examples]
        return tuple({"file": file, **one} for file, one in zip(files, tally.examples, strict=True))


class _Column:
    """What is kept of one column while its blocks come."""

    def __init__(self, contract: ContractSpec, name: str, key: str | None) -> None:
        spec = contract.columns[name]
        self.hash = ColumnHash(name, TYPES[spec.type])
        self.checks = list(checks_of(contract, name, spec, key))


def _alike(name: str, before: Mapping[str, ColumnProfile], now: Mapping[str, ColumnProfile]) -> bool:
    return name in before and before[name].kind == now[name].kind
