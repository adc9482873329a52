"""Landed columns in the contract's types, or what stands in the way."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as kinds
from numpy.typing import NDArray

from include.contract.evolution import changes
from include.contract.findings import Finding, clipped
from include.contract.situation import Situation
from include.spec import ContractSpec

TYPES: dict[str, pa.DataType] = {
    "string": pa.string(),
    "int": pa.int64(),
    "float": pa.float64(),
    "bool": pa.bool_(),
    "timestamp": pa.timestamp("us", "UTC"),
}
MOST_TEXT = 1 << 20
MOST_BLOCK_TEXT = 1 << 27
MOST_UNKNOWN = 20
WORDS = pa.dictionary(pa.int32(), pa.string())
_FIRST_MOMENT, _LAST_MOMENT = -62_135_596_800_000_000, 253_402_300_799_999_999  # years 1 to 9999, in microseconds

Places = NDArray[np.int64]


def _is_number(kind: pa.DataType) -> bool:
    return bool(kinds.is_integer(kind) or kinds.is_floating(kind))


def _is_text(kind: pa.DataType) -> bool:
    plain = kind.value_type if kinds.is_dictionary(kind) else kind
    return bool(kinds.is_string(plain) or kinds.is_large_string(plain) or kinds.is_string_view(plain))


_ACCEPTED: dict[str, Callable[[pa.DataType], bool]] = {
    "string": _is_text,
    "int": _is_number,
    "float": _is_number,
    "bool": kinds.is_boolean,
    "timestamp": kinds.is_timestamp,
}


@dataclass(frozen=True)
class Misfit:
    """Values of a column that cannot have the contract's type: which rule says so, and the rows of this block."""

    rule: str
    observed: str
    required: str
    places: Places


def structure(schema: pa.Schema, contract: ContractSpec, beside: Situation) -> tuple[Finding, ...]:
    """What is wrong before a row is read: columns that are missing, there twice, unknown, or of another type."""
    found = []
    for name, spec in contract.columns.items():
        times = schema.names.count(name)
        if not times and beside.lacks(spec.since, spec.until):
            found.append(_structural("column_present", name, "the column is missing", "null as long as it is", "warn"))
        elif times != 1:
            observed = f"{times} columns have this name" if times else "the column is missing"
            found.append(_structural("column_present", name, observed, f"one column of type {spec.type}"))
    found.extend(_unknown(schema, contract))
    for name in readable(schema, contract, of_any_type=True):
        landed, kind = schema.field(name).type, contract.columns[name].type
        if not _fits(landed, kind):
            found.append(_structural("column_type", name, f"type {clipped(str(landed))}", _required(kind)))
    return (*found, *changes(contract, dict(beside.types)))


def absent(schema: pa.Schema, contract: ContractSpec, beside: Situation) -> list[str]:
    """The columns that are missing and may be."""
    missing = {name: spec for name, spec in contract.columns.items() if name not in schema.names}
    return [name for name, spec in missing.items() if beside.lacks(spec.since, spec.until)]


def readable(schema: pa.Schema, contract: ContractSpec, *, of_any_type: bool = False) -> list[str]:
    """The contract's columns that are there once, with a type that may fit."""
    once = [name for name in contract.columns if schema.names.count(name) == 1]
    return [name for name in once if of_any_type or _fits(schema.field(name).type, contract.columns[name].type)]


def cast(column: pa.Array, kind: str) -> pa.Array | Misfit:
    """The column without loss in the contract's type, text as a dictionary; or the first reason why that cannot be."""
    if kinds.is_null(column.type):
        return column.cast(WORDS if kind == "string" else TYPES[kind])
    if kind == "string":
        return _words(column)
    if kinds.is_floating(column.type):
        plain = _without_nan(column.cast(pa.float64()))
        if isinstance(plain, Misfit):
            return plain
        return plain if kind == "float" else _numbers(plain, column.type, kind)
    return _numbers(column, column.type, kind)


def nothing(rows: int, kind: str) -> pa.Array:
    """A column of nulls."""
    return pa.nulls(rows, WORDS if kind == "string" else TYPES[kind])


def _fits(found: pa.DataType, kind: str) -> bool:
    return bool(kinds.is_null(found) or _ACCEPTED[kind](found))


def _unknown(schema: pa.Schema, contract: ContractSpec) -> list[Finding]:
    severity = contract.evolution.new_columns
    fields = [field for field in schema if field.name not in contract.columns] if severity != "ignore" else []
    found = []
    for field in fields[:MOST_UNKNOWN]:
        observed = f"a column of type {clipped(str(field.type))} the contract does not know"
        dropped = "; it is dropped" if severity == "warn" else ""
        found.append(
            _structural("column_known", clipped(field.name), observed + dropped, "the contract's columns", severity)
        )
    if (more := len(fields) - MOST_UNKNOWN) > 0:
        observed = f"{more} more columns the contract does not know"
        found.append(_structural("column_known", None, observed, "the contract's columns", severity))
    return found


def _words(column: pa.Array) -> pa.Array | Misfit:
    if not kinds.is_dictionary(column.type):
        column = column.cast(pa.string()).dictionary_encode()
    elif column.dictionary.null_count:
        column = column.cast(column.type.value_type).cast(pa.string()).dictionary_encode()
    if column.type != WORDS:
        column = column.cast(WORDS)
    lengths = pc.binary_length(column.dictionary).to_numpy(zero_copy_only=False).astype(np.int64)
    if not len(lengths) or lengths.max() * len(column) <= MOST_BLOCK_TEXT:
        return column
    long = places_of(column, lengths > MOST_TEXT)
    if len(long):
        return Misfit("text_length", "texts longer than a megabyte", f"at most {MOST_TEXT} bytes in a text", long)
    there = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False))
    sizes = np.cumsum(lengths[column.indices.drop_null().to_numpy(zero_copy_only=False)], dtype=np.int64)
    if sizes[-1] > MOST_BLOCK_TEXT:
        beyond = there[sizes > MOST_BLOCK_TEXT]
        required = f"at most {MOST_BLOCK_TEXT} bytes in {len(column)} rows"
        return Misfit("text_length", "texts beyond what rows may hold together", required, beyond)
    return column


def places_of(column: pa.DictionaryArray, words: NDArray[np.bool_]) -> Places:
    """The rows whose word is one of those marked in the dictionary."""
    if not words.any():
        return np.zeros(0, np.int64)
    marked = np.append(words, False)
    where = pc.fill_null(column.indices, len(words)) if column.null_count else column.indices
    return np.flatnonzero(marked[where.to_numpy(zero_copy_only=False)])


def _without_nan(column: pa.Array) -> pa.Array | Misfit:
    """Not a number is a null; infinite numbers are refused."""
    if not len(column):
        return column
    data = np.frombuffer(column.buffers()[1], np.float64)[column.offset : column.offset + len(column)]
    if np.isfinite(data).all():
        return column
    plain = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
    endless = pc.indices_nonzero(pc.fill_null(pc.is_inf(plain), False)).to_numpy()
    if len(endless):
        return Misfit("finite", "infinite values", "finite numbers", endless.astype(np.int64))
    return plain


def _numbers(column: pa.Array, landed: pa.DataType, kind: str) -> pa.Array | Misfit:
    target = TYPES[kind]
    try:
        found = column.cast(target)
    except pa.ArrowException:
        lost = pc.indices_nonzero(pc.fill_null(_lost(column, target), False)).to_numpy()
        observed = f"values of type {landed} that do not fit"
        return Misfit("column_type", observed, _required(kind), lost.astype(np.int64))
    return _possible_moments(found) if kind == "timestamp" else found


def _possible_moments(column: pa.Array) -> pa.Array | Misfit:
    whole = column.view(pa.int64())
    outside = pc.or_(pc.less(whole, _FIRST_MOMENT), pc.greater(whole, _LAST_MOMENT))
    places = pc.indices_nonzero(pc.fill_null(outside, False)).to_numpy()
    if len(places):
        return Misfit("moment", "moments out of range", "a moment in the years 1 to 9999", places.astype(np.int64))
    return column


def _lost(column: pa.Array, target: pa.DataType) -> pa.Array:
    """Which values a cast would change."""
    there = column.cast(target, safe=False)
    if kinds.is_unsigned_integer(column.type):  # what is too large comes back whole, by way of a negative number
        return pc.less(there, 0)
    return pc.not_equal(there.cast(column.type, safe=False), column)


def _required(kind: str) -> str:
    return f"{kind} ({TYPES[kind]})"


def _structural(rule: str, column: str | None, observed: str, required: str, severity: str = "fail") -> Finding:
    facts = {"rule": rule, "column": column, "severity": severity, "observed": observed, "required": required}
    return Finding.model_validate(facts)
