"""The table in the contract's columns and types, or what stands in the way."""

from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as kinds

from include.contract.findings import Finding, examples
from include.spec import ContractSpec

TYPES: dict[str, pa.DataType] = {
    "string": pa.string(),
    "int": pa.int64(),
    "float": pa.float64(),
    "bool": pa.bool_(),
    "timestamp": pa.timestamp("us", "UTC"),
}


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
class Conformed:
    """`table` has exactly the contract's columns; it is None if a finding of severity `fail` made that impossible."""

    table: pa.Table | None
    findings: tuple[Finding, ...]


def conform(table: pa.Table, contract: ContractSpec) -> Conformed:
    """The table cast without loss to the contract's types, other columns dropped."""
    findings = [*_names(table, contract)]
    columns: dict[str, pa.ChunkedArray] = {}
    for name in contract.columns:
        if table.schema.names.count(name) == 1:
            column = _cast(table, name, contract)
            if isinstance(column, Finding):
                findings.append(column)
            else:
                columns[name] = column
    whole = len(columns) == len(contract.columns)
    return Conformed(pa.table(columns) if whole else None, tuple(findings))


def _names(table: pa.Table, contract: ContractSpec) -> list[Finding]:
    """Columns that are missing, there twice, or unknown to the contract."""
    found = []
    for name, spec in contract.columns.items():
        times = table.schema.names.count(name)
        if times != 1:
            observed = f"{times} columns have this name" if times else "the column is missing"
            found.append(_structural("column_present", name, observed, f"one column of type {spec.type}"))
    for field in table.schema:
        if field.name not in contract.columns:
            observed = f"a column of type {field.type} the contract does not know; it is dropped"
            found.append(_structural("column_known", field.name, observed, "the contract's columns", "warn"))
    return found


def _cast(table: pa.Table, name: str, contract: ContractSpec) -> pa.ChunkedArray | Finding:
    column, kind = table[name], contract.columns[name].type
    target = TYPES[kind]
    required = f"{kind} ({target})"
    if kinds.is_null(column.type):
        return column.cast(target)
    if not _ACCEPTED[kind](column.type):
        return _structural("column_type", name, f"type {column.type}", required)
    if kinds.is_floating(column.type):
        column = column.cast(pa.float64())
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
        endless = pc.is_inf(column)
        if pc.any(endless).as_py():
            return _of_values("finite", table, contract, name, endless, "infinite values", "finite numbers")
    try:
        return column.cast(target)
    except pa.ArrowException:
        lost = _lost(column, target)
        observed = f"values of type {column.type} that do not fit"
        return _of_values("column_type", table, contract, name, lost, observed, required)


def _lost(column: pa.ChunkedArray, target: pa.DataType) -> pa.ChunkedArray:
    """Which values a cast would change."""
    there = column.cast(target, safe=False)
    if kinds.is_unsigned_integer(column.type):  # what is too large comes back whole, by way of a negative number
        return pc.less(there, 0)
    return pc.not_equal(there.cast(column.type, safe=False), column)


def _of_values(
    rule: str,
    table: pa.Table,
    contract: ContractSpec,
    name: str,
    failing: pa.ChunkedArray,
    observed: str,
    required: str,
) -> Finding:
    rows = pc.indices_nonzero(pc.fill_null(failing, False)).to_pylist()
    return Finding(
        rule=rule,
        column=name,
        severity="fail",
        observed=f"{len(rows)} of {len(failing)} {observed}",
        required=required,
        failing_rows=len(rows),
        examples=examples(table, contract, name, rows),
    )


def _structural(rule: str, column: str, observed: str, required: str, severity: str = "fail") -> Finding:
    facts = {"rule": rule, "column": column, "severity": severity, "observed": observed, "required": required}
    return Finding.model_validate(facts)
