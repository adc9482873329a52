"""Great Expectations' verdict on a table that has the contract's columns and types."""

import functools
import json
import threading
from dataclasses import dataclass
from typing import Any

import great_expectations as gx
import pandas as pd
import pyarrow as pa
from great_expectations.data_context.types.base import ProgressBarsConfig

from include.contract.findings import Finding, examples, shown
from include.contract.suite import compile_suite
from include.spec import ContractSpec

_SHOWN_VALUES = 3
_PANDAS_TYPES = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
# Great Expectations knows one batch per asset at a time.
_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class Verdict:
    """The broken rules, how many there were, and what Great Expectations itself says (JSON, if a rule is broken)."""

    findings: tuple[Finding, ...]
    rules: int
    validation: str | None


def judge(table: pa.Table, contract: ContractSpec) -> Verdict:
    """The verdict on the table. Only a table that breaks a rule is looked at closely: that costs twice as much."""
    suite = _suite(contract.model_dump_json())
    frame = table.to_pandas(types_mapper=_PANDAS_TYPES.get)
    with _one_at_a_time:
        batch = _batches().get_batch(batch_parameters={"dataframe": frame})
        result = batch.validate(suite, result_format="BOOLEAN_ONLY")
        if not result.success:
            result = batch.validate(suite, result_format="SUMMARY")
    outcomes = [outcome.to_json_dict() for outcome in result.results]
    for outcome in outcomes:
        _require_measured(outcome, contract)
    broken = [outcome for outcome in outcomes if not outcome["success"]]
    findings = tuple(_finding(outcome, table, contract) for outcome in broken)
    return Verdict(findings, len(outcomes), _masked(result, contract) if broken else None)


@functools.lru_cache(maxsize=64)
def _suite(contract: str) -> gx.ExpectationSuite:
    return compile_suite(ContractSpec.model_validate_json(contract))


@functools.cache
def _batches() -> Any:
    """Where tables are handed over; made once per process."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    asset = context.data_sources.add_pandas("perennial").add_dataframe_asset("partition")
    return asset.add_batch_definition_whole_dataframe("whole")


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


def _finding(outcome: dict[str, Any], table: pa.Table, contract: ContractSpec) -> Finding:
    config, result = outcome["expectation_config"], outcome["result"]
    column = config["meta"]["column"]
    return Finding(
        rule=config["meta"]["rule"],
        column=column,
        severity="fail" if config["severity"] == "critical" else "warn",
        observed=_observed(config["meta"]["rule"], result, column, contract),
        required=config["meta"]["required"],
        failing_rows=result.get("unexpected_count", 0),
        examples=examples(table, contract, column, result.get("partial_unexpected_index_list") or ()),
    )


def _observed(rule: str, result: dict[str, Any], column: str | None, contract: ContractSpec) -> str:
    if rule == "row_count":
        return f"{result['observed_value']} rows"
    if rule == "columns":
        return ", ".join(result["observed_value"])
    share = f"{result['unexpected_count']} of {result['element_count']} rows"
    if rule in {"not_null", "null_share"}:
        return f"{share} ({result['unexpected_percent']:.1f} %) are null"
    if rule == "unique_key":
        return f"{share} share their key"
    values = dict.fromkeys(shown(contract, column, value) for value in result["partial_unexpected_list"])
    return f"{share}, as {', '.join(list(values)[:_SHOWN_VALUES])}"


def _masked(result: Any, contract: ContractSpec) -> str:
    """Great Expectations' own report, without the values of personal columns."""
    report = result.to_json_dict()
    personal = {name for name, spec in contract.columns.items() if spec.personal}
    for outcome in report["results"]:
        arguments = outcome["expectation_config"]["kwargs"]
        if personal & {arguments.get("column"), *arguments.get("column_list", ())}:
            for name in [name for name in outcome["result"] if name.startswith("partial_unexpected")]:
                del outcome["result"][name]
    return json.dumps(report, indent=1)
