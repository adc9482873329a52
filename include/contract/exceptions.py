"""Rows that are known to be odd, found in a block of rows in the contract's types."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as kinds
from numpy.typing import NDArray

from include.spec import Between, ContractSpec, KnownException

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Excused:
    """Which rows are left out, and for which columns' rules which rows do not count."""

    dropped: Flags | None
    skipped: dict[str, Flags]


def applying(contract: ContractSpec, key: str | None) -> tuple[KnownException, ...]:
    """The exceptions that hold for the partition."""
    return tuple(one for one in contract.exceptions if one.last_key is None or key is None or key <= one.last_key)


def excused(table: pa.Table, exceptions: tuple[KnownException, ...]) -> Excused:
    """The rows of the table that the exceptions are about."""
    dropped: Flags | None = None
    skipped: dict[str, Flags] = {}
    for one in exceptions:
        found = np.logical_and.reduce([_meets(table[name].chunk(0), wanted) for name, wanted in one.where.items()])
        if one.drop:
            dropped = found if dropped is None else dropped | found
        for name in one.skip:
            skipped[name] = skipped[name] | found if name in skipped else found
    return Excused(dropped, skipped)


def told(exceptions: tuple[KnownException, ...], column: str) -> str:
    """What a person reads behind a rule of the column."""
    return "".join(f"; except where {_words(one)} ({one.reason})" for one in exceptions if column in one.skip)


def _meets(column: pa.Array, wanted: tuple[str | int, ...] | Between | None) -> Flags:
    if wanted is None:
        return _flags(column.is_null())
    if isinstance(wanted, Between):
        low, high = (-np.inf if wanted.min is None else wanted.min), (np.inf if wanted.max is None else wanted.max)
        return _flags(pc.and_(pc.greater_equal(column, low), pc.less_equal(column, high)))
    plain = column.cast(column.type.value_type) if kinds.is_dictionary(column.type) else column
    return _flags(pc.is_in(plain, value_set=pa.array(wanted)))


def _flags(column: pa.Array) -> Flags:
    return np.asarray(pc.fill_null(column, False).to_numpy(zero_copy_only=False), bool)


def _words(one: KnownException) -> str:
    parts = []
    for name, wanted in one.where.items():
        if wanted is None:
            parts.append(f"{name} is null")
        elif isinstance(wanted, Between):
            low, high = ("…" if bound is None else f"{bound:g}" for bound in (wanted.min, wanted.max))
            parts.append(f"{name} is {low} to {high}")
        else:
            parts.append(f"{name} is {' or '.join(map(str, wanted))}")
    return " and ".join(parts)
