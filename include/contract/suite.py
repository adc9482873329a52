"""A contract as a Great Expectations suite."""

import math
from collections.abc import Iterator
from typing import Any

import great_expectations as gx
import great_expectations.expectations as gxe

from include.contract.checks import event_bounds
from include.contract.engine import ExpectColumnDriftToBeAtMost
from include.contract.exceptions import applying, told
from include.contract.situation import ALONE, Earlier, Situation
from include.spec import ColumnSpec, ContractSpec

SEVERITY = {"fail": "critical", "warn": "warning"}


def compile_suite(contract: ContractSpec, beside: Situation = ALONE) -> gx.ExpectationSuite:
    """Every rule of the contract as an expectation that says in its `meta` what a person reads about it.

    Rules beside earlier partitions, and on the day of the events, need to know which partition is judged.
    """
    expectations = [*_of_table(contract), *_of_baseline(contract, beside), *_of_events(contract, beside)]
    known = applying(contract, beside.key)
    for name, spec in contract.columns.items():
        expectations.extend(_of_nulls(contract, name, spec, told(known, name)))
        expectations.extend(_of_values(name, spec, told(known, name)))
        expectations.extend(_of_words(name, spec, told(known, name)))
        expectations.extend(_of_column(contract, name, spec, beside))
    return gx.ExpectationSuite(name=contract.dataset, expectations=expectations)


def _of_table(contract: ContractSpec) -> Iterator[Any]:
    rows, keys = contract.rows, list(contract.keys)
    bounds = f"{rows.min} to {rows.max} rows" if rows.max is not None else f"at least {rows.min} rows"
    meta = _meta("row_count", None, bounds)
    severity = SEVERITY[rows.severity]
    yield gxe.ExpectTableRowCountToBeBetween(min_value=rows.min, max_value=rows.max, severity=severity, meta=meta)
    meta = _meta("columns", None, "the contract's columns")
    yield gxe.ExpectTableColumnsToMatchSet(
        column_set=list(contract.columns), exact_match=True, severity="critical", meta=meta
    )
    meta = _meta("unique_key", None, f"each ({', '.join(keys)}) once")
    if len(keys) == 1:
        yield gxe.ExpectColumnValuesToBeUnique(column=keys[0], severity="critical", meta=meta)
    else:
        yield gxe.ExpectCompoundColumnsToBeUnique(column_list=keys, severity="critical", meta=meta)


def _of_baseline(contract: ContractSpec, beside: Situation) -> Iterator[Any]:
    rows, earlier = contract.rows, beside.earlier
    if earlier is None or (rows.min_of_baseline is None and rows.max_of_baseline is None):
        return
    low = None if rows.min_of_baseline is None else math.ceil(rows.min_of_baseline * earlier.rows)
    high = None if rows.max_of_baseline is None else math.floor(rows.max_of_baseline * earlier.rows)
    bounds = " and ".join(
        [*([f"at least {low}"] if low is not None else []), *([f"at most {high}"] if high is not None else [])]
    )
    required = f"{bounds} rows, beside {earlier.rows:.0f} in the mean of {_span(earlier)}"
    meta = _meta("row_count_of_baseline", None, required)
    severity = SEVERITY[rows.severity]
    yield gxe.ExpectTableRowCountToBeBetween(min_value=low, max_value=high, severity=severity, meta=meta)


def _of_events(contract: ContractSpec, beside: Situation) -> Iterator[Any]:
    bounds = event_bounds(contract, beside.key)
    if bounds is not None:
        first, last = bounds
        meta = _meta("event_day", contract.event_time, f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC")
        yield gxe.ExpectColumnValuesToBeBetween(
            column=contract.event_time,
            min_value=first,
            max_value=last,
            severity=SEVERITY[contract.freshness.severity],
            meta=meta,
        )


def _of_nulls(contract: ContractSpec, name: str, spec: ColumnSpec, but: str) -> Iterator[Any]:
    needed = name in contract.keys or name == contract.event_time
    severity = "critical" if needed else SEVERITY[spec.severity]
    if not spec.nullable:
        meta = _meta("not_null", name, f"no nulls{but}")
        yield gxe.ExpectColumnValuesToNotBeNull(column=name, severity=severity, meta=meta)
    elif spec.max_null_share is not None:
        meta = _meta("null_share", name, f"at most {spec.max_null_share:.1%} nulls{but}")
        # rounded: 1 - 0.7 is a little over 0.3, and a share of exactly 0.7 is allowed
        mostly = round(1 - spec.max_null_share, 9)
        yield gxe.ExpectColumnValuesToNotBeNull(column=name, mostly=mostly, severity=severity, meta=meta)


def _of_values(name: str, spec: ColumnSpec, but: str) -> Iterator[Any]:
    severity = SEVERITY[spec.severity]
    if spec.min is not None or spec.max is not None:
        meta = _meta("between", name, _bounds(spec.min, spec.max) + but)
        yield gxe.ExpectColumnValuesToBeBetween(
            column=name, min_value=spec.min, max_value=spec.max, severity=severity, meta=meta
        )
    if spec.one_of is not None:
        meta = _meta("one_of", name, f"one of {', '.join(map(str, spec.one_of))}{but}")
        yield gxe.ExpectColumnValuesToBeInSet(column=name, value_set=list(spec.one_of), severity=severity, meta=meta)


def _of_words(name: str, spec: ColumnSpec, but: str) -> Iterator[Any]:
    severity = SEVERITY[spec.severity]
    if spec.pattern is not None:
        meta = _meta("pattern", name, f"matching {spec.pattern}{but}")
        yield gxe.ExpectColumnValuesToMatchRegex(column=name, regex=spec.pattern, severity=severity, meta=meta)
    if spec.min_length is not None or spec.max_length is not None:
        meta = _meta("length", name, f"{_bounds(spec.min_length, spec.max_length)} characters{but}")
        yield gxe.ExpectColumnValueLengthsToBeBetween(
            column=name, min_value=spec.min_length, max_value=spec.max_length, severity=severity, meta=meta
        )


def _of_column(contract: ContractSpec, name: str, spec: ColumnSpec, beside: Situation) -> Iterator[Any]:
    severity = SEVERITY[spec.severity]
    if spec.unique and contract.keys != (name,):
        meta = _meta("unique", name, "each value once")
        yield gxe.ExpectColumnValuesToBeUnique(column=name, severity=severity, meta=meta)
    if spec.max_drift is not None and beside.earlier is not None and name in beside.earlier.profile.columns:
        required = f"a population stability index of at most {spec.max_drift:g} to {_span(beside.earlier)}"
        yield ExpectColumnDriftToBeAtMost(
            column=name, max_value=spec.max_drift, severity=severity, meta=_meta("drift", name, required)
        )


def _bounds(low: float | None, high: float | None) -> str:
    if low is None:
        return f"at most {high:g}"
    return f"at least {low:g}" if high is None else f"{low:g} to {high:g}"


def _span(earlier: Earlier) -> str:
    return f"the {len(earlier.keys)} partitions {earlier.keys[0]} to {earlier.keys[-1]}"


def _meta(rule: str, column: str | None, required: str) -> dict[str, str | None]:
    return {"rule": rule, "column": column, "required": required}
