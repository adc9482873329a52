"""Great Expectations' verdict on what a pass over a partition measured."""

import json
from dataclasses import dataclass
from typing import Any

import great_expectations as gx
from great_expectations.expectations.registry import get_expectation_impl

from include.contract.engine import validate
from include.contract.findings import Finding, shown
from include.contract.measurements import Measured, Measurements
from include.contract.situation import ALONE, Situation
from include.contract.suite import compile_suite
from include.spec import ContractSpec

_SHOWN_VALUES = 3
_SHARED = {"unique_key": "key", "unique": "value"}


@dataclass(frozen=True)
class Verdict:
    """The broken rules, how many rules there were, and Great Expectations' own result (JSON) and Data Docs (HTML)."""

    findings: tuple[Finding, ...]
    rules: int
    validation: str
    data_docs: str


def judge(measurements: Measurements, contract: ContractSpec, beside: Situation = ALONE) -> Verdict:
    """The verdict on a partition that has the contract's columns and types."""
    from include.contract.data_docs import page  # noqa: PLC0415 - Great Expectations' templates

    told = {"dataset": contract.dataset, "partition": beside.key, "owner": contract.owner}
    result = validate(_suite(contract, beside), measurements, told)
    for outcome in result.results:
        _require_measured(outcome.to_json_dict(), contract)
    broken = [outcome for outcome in result.results if not outcome.success]
    findings = tuple(_finding(one.to_json_dict(), _measured(one, measurements), contract) for one in broken)
    return Verdict(findings, len(result.results), json.dumps(result.to_json_dict(), indent=1), page(result))


def _suite(contract: ContractSpec, beside: Situation) -> gx.ExpectationSuite:
    return compile_suite(contract, beside)


def _require_measured(outcome: dict[str, Any], contract: ContractSpec) -> None:
    """An expectation that raised has measured nothing: that is no verdict on the data."""
    info = outcome["exception_info"]
    raised = [info] if "raised_exception" in info else list(info.values())
    for problem in raised:
        if problem["raised_exception"]:
            meta = outcome["expectation_config"]["meta"]
            raise RuntimeError(
                f"Rule {meta['rule']} of {contract.dataset} could not be measured on {meta['column'] or 'the table'}: "
                f"{problem['exception_message']}. Nothing was decided about the data; the check itself is broken."
            )


def _finding(outcome: dict[str, Any], measured: Measured | None, contract: ContractSpec) -> Finding:
    config, result = outcome["expectation_config"], outcome["result"]
    column = config["meta"]["column"]
    return Finding(
        rule=config["meta"]["rule"],
        column=column,
        severity="fail" if config["severity"] == "critical" else "warn",
        observed=_observed(config["meta"]["rule"], result, column, contract),
        required=config["meta"]["required"],
        failing_rows=result.get("unexpected_count", 0),
        examples=measured.examples if measured else (),
    )


def _measured(outcome: Any, measurements: Measurements) -> Measured | None:
    """What the expectation was decided by, None where it is about the whole table."""
    config = outcome.expectation_config
    metric, arguments = getattr(get_expectation_impl(config.type), "map_metric", None), config.kwargs
    if metric is None:
        return None
    columns = tuple(arguments["column_list"]) if "column_list" in arguments else (arguments["column"],)
    return measurements.of(metric, columns, arguments)


def _observed(rule: str, result: dict[str, Any], column: str | None, contract: ContractSpec) -> str:
    if rule in {"row_count", "row_count_of_baseline"}:
        return f"{result['observed_value']} rows"
    if rule == "drift":
        return f"a population stability index of {result['observed_value']:.3f}"
    if rule == "columns":
        return ", ".join(result["observed_value"])
    share = f"{result['unexpected_count']} of {result['element_count']} rows"
    if rule in {"not_null", "null_share"}:
        return f"{share} ({result['unexpected_percent']:.1f} %) are null"
    if rule in _SHARED:
        return f"{share} share their {_SHARED[rule]}"
    values = dict.fromkeys(shown(contract, column, value) for value in result["partial_unexpected_list"])
    return f"{share}, as {', '.join(list(values)[:_SHOWN_VALUES])}"
