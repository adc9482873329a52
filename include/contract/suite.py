"""A contract as a Great Expectations suite."""

import os
from collections.abc import Iterator
from typing import Any

from include.spec import ColumnSpec, ContractSpec

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

import great_expectations as gx
import great_expectations.expectations as gxe

SEVERITY = {"fail": "critical", "warn": "warning"}


def compile_suite(contract: ContractSpec) -> gx.ExpectationSuite:
    """Every rule of the contract as an expectation that says in its `meta` what a person reads about it."""
    expectations = [*_of_table(contract)]
    for name, spec in contract.columns.items():
        expectations.extend(_of_nulls(contract, name, spec))
        expectations.extend(_of_values(name, spec))
    return gx.ExpectationSuite(name=contract.dataset, expectations=expectations)


def _of_table(contract: ContractSpec) -> Iterator[Any]:
    rows, keys = contract.rows, list(contract.keys)
    bounds = f"{rows.min} to {rows.max} rows" if rows.max is not None else f"at least {rows.min} rows"
    meta = _meta("row_count", None, bounds)
    yield gxe.ExpectTableRowCountToBeBetween(min_value=rows.min, max_value=rows.max, severity="critical", meta=meta)
    meta = _meta("columns", None, "the contract's columns")
    yield gxe.ExpectTableColumnsToMatchSet(
        column_set=list(contract.columns), exact_match=True, severity="critical", meta=meta
    )
    meta = _meta("unique_key", None, f"each ({', '.join(keys)}) once")
    if len(keys) == 1:
        yield gxe.ExpectColumnValuesToBeUnique(column=keys[0], severity="critical", meta=meta)
    else:
        yield gxe.ExpectCompoundColumnsToBeUnique(column_list=keys, severity="critical", meta=meta)


def _of_nulls(contract: ContractSpec, name: str, spec: ColumnSpec) -> Iterator[Any]:
    needed = name in contract.keys or name == contract.event_time
    severity = "critical" if needed else SEVERITY[spec.severity]
    if not spec.nullable:
        meta = _meta("not_null", name, "no nulls")
        yield gxe.ExpectColumnValuesToNotBeNull(column=name, severity=severity, meta=meta)
    elif spec.max_null_share is not None:
        meta = _meta("null_share", name, f"at most {spec.max_null_share:.1%} nulls")
        # rounded: 1 - 0.7 is a little over 0.3, and a share of exactly 0.7 is allowed
        mostly = round(1 - spec.max_null_share, 9)
        yield gxe.ExpectColumnValuesToNotBeNull(column=name, mostly=mostly, severity=severity, meta=meta)


def _of_values(name: str, spec: ColumnSpec) -> Iterator[Any]:
    severity = SEVERITY[spec.severity]
    if spec.min is not None or spec.max is not None:
        meta = _meta("between", name, _bounds(spec))
        yield gxe.ExpectColumnValuesToBeBetween(
            column=name, min_value=spec.min, max_value=spec.max, severity=severity, meta=meta
        )
    if spec.one_of is not None:
        meta = _meta("one_of", name, f"one of {', '.join(spec.one_of)}")
        yield gxe.ExpectColumnValuesToBeInSet(column=name, value_set=list(spec.one_of), severity=severity, meta=meta)
    if spec.pattern is not None:
        meta = _meta("pattern", name, f"matching {spec.pattern}")
        yield gxe.ExpectColumnValuesToMatchRegex(column=name, regex=spec.pattern, severity=severity, meta=meta)


def _bounds(spec: ColumnSpec) -> str:
    if spec.min is None:
        return f"at most {spec.max:g}"
    return f"at least {spec.min:g}" if spec.max is None else f"{spec.min:g} to {spec.max:g}"


def _meta(rule: str, column: str | None, required: str) -> dict[str, str | None]:
    return {"rule": rule, "column": column, "required": required}
