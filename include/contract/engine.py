"""Great Expectations on measurements: an execution engine that answers what was measured and computes nothing.

Its expectations ask an engine for metrics and decide by them. The pass over the rows has measured those already, so
every metric is looked up, and one that was not measured with just those arguments is an error of the check.
"""

import os
from collections.abc import Iterable
from typing import Any, ClassVar

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

import great_expectations as gx
from great_expectations.core.expectation_validation_result import ExpectationSuiteValidationResult
from great_expectations.exceptions import MetricResolutionError
from great_expectations.execution_engine import ExecutionEngine
from great_expectations.expectations import registry
from great_expectations.expectations.expectation import ColumnAggregateExpectation
from great_expectations.expectations.metrics.metric_provider import MetricProvider
from great_expectations.validator.validator import Validator, calc_validation_statistics

from include.contract.measurements import Measured, Measurements

_MAPPED = (
    "column_values.nonnull",
    "column_values.between",
    "column_values.in_set",
    "column_values.match_regex",
    "column_values.value_length.between",
    "column_values.unique",
    "compound_columns.unique",
)
_PARTS = ("unexpected_count", "unexpected_values", "unexpected_index_list", "unexpected_index_query")
_OF_ROWS = ("table.row_count", "table.columns", "compound_columns.unique.filtered_row_count")
_OF_COLUMN = ("batch_id", "table", "column", "row_condition", "condition_parser")
DRIFT = "column.drift"
_FORMAT = {"result_format": "SUMMARY", "partial_unexpected_count": 20}


class MeasuredEngine(ExecutionEngine):  # type: ignore[misc]  # its base is not typed
    """Answers from the measurements of one partition."""

    def __init__(self, measurements: Measurements) -> None:
        super().__init__()
        self._measurements = measurements

    def resolve_metrics(self, metrics_to_resolve: Iterable[Any], *_: Any, **__: Any) -> dict[Any, Any]:
        """The value of each metric that is asked for."""
        return {metric.id: self._resolved(metric) for metric in metrics_to_resolve}

    def _resolved(self, metric: Any) -> Any:
        try:
            return self._value(metric)
        except LookupError as problem:
            raise MetricResolutionError(message=str(problem.args[0]), failed_metrics=(metric,)) from problem

    def _value(self, metric: Any) -> Any:
        name, domain = metric.metric_name, metric.metric_domain_kwargs
        if name in {"table.row_count", "compound_columns.unique.filtered_row_count"}:
            return self._measurements.rows
        if name == "table.columns":
            return list(self._measurements.columns)
        if name == DRIFT:
            return self._measurements.drifts[domain["column"]]
        rule, _, part = name.rpartition(".")
        columns = tuple(domain["column_list"]) if "column_list" in domain else (domain["column"],)
        asked = {key: value for key, value in metric.metric_value_kwargs.items() if key != "result_format"}
        return _part(self._measurements.of(rule, columns, asked), part)

    def get_batch_data_and_markers(self, batch_spec: Any) -> Any:
        """There is no data here, only what was measured."""
        raise NotImplementedError

    _comparison_condition_to_filter_clause = get_batch_data_and_markers
    _nullity_condition_to_filter_clause = get_batch_data_and_markers
    _and_condition_to_filter_clause = get_batch_data_and_markers
    _or_condition_to_filter_clause = get_batch_data_and_markers


def validate(suite: gx.ExpectationSuite, measurements: Measurements, meta: dict[str, Any]) -> Any:
    """Great Expectations' result for the suite, as its own validator makes it of a batch."""
    results = _QuietValidator(execution_engine=MeasuredEngine(measurements)).graph_validate(
        configurations=suite.expectation_configurations, runtime_configuration={"result_format": _FORMAT}
    )
    order = {id_of(configuration): place for place, configuration in enumerate(suite.expectation_configurations)}
    results.sort(key=lambda result: order[id_of(result.expectation_config)])
    found = calc_validation_statistics(results)
    return ExpectationSuiteValidationResult(
        results=results,
        success=found.success,
        suite_name=suite.name,
        statistics={
            "evaluated_expectations": found.evaluated_expectations,
            "successful_expectations": found.successful_expectations,
            "unsuccessful_expectations": found.unsuccessful_expectations,
            "success_percent": found.success_percent,
        },
        meta={"great_expectations_version": gx.__version__, **meta},
    )


class ExpectColumnDriftToBeAtMost(ColumnAggregateExpectation):  # type: ignore[misc]
    """The column's population stability index to the baseline is at most `max_value`."""

    max_value: float
    metric_dependencies: ClassVar[tuple[str, ...]] = (DRIFT,)
    domain_keys: ClassVar[tuple[str, ...]] = _OF_COLUMN
    success_keys: ClassVar[tuple[str, ...]] = ("max_value",)

    def _validate(self, metrics: dict[str, float], *_: Any, **__: Any) -> dict[str, Any]:
        return {"success": metrics[DRIFT] <= self.max_value, "result": {"observed_value": metrics[DRIFT]}}


class _QuietValidator(Validator):  # type: ignore[misc]
    def _determine_progress_bars(self) -> bool:
        return False


def id_of(configuration: Any) -> tuple[str, str | None]:
    """What tells an expectation of ours from every other in the suite."""
    return configuration.meta["rule"], configuration.meta["column"]


def _part(found: Measured, part: str) -> Any:
    tally = found.tally
    parts = {
        "unexpected_count": tally.count,
        "unexpected_values": tally.values,
        "unexpected_index_list": tally.rows,
        "unexpected_index_query": None,
    }
    return parts[part]


def _register() -> None:
    """Tells Great Expectations that this engine knows the metrics, with the arguments they have on other engines."""
    for name in [*_OF_ROWS, *(f"{rule}.{part}" for rule in _MAPPED for part in _PARTS)]:
        known = registry._registered_metrics[name]  # they have no public reader
        domain, value = known["metric_domain_keys"], known["metric_value_keys"]
        keys = {"domain_keys": domain, "value_keys": value, "default_kwarg_values": known["default_kwarg_values"]}
        provider = type("MeasuredMetric", (MetricProvider,), keys)
        registry.register_metric(name, domain, value, MeasuredEngine, provider, MeasuredEngine.resolve_metrics)

    provider = type("DriftMetric", (MetricProvider,), {"domain_keys": _OF_COLUMN})
    registry.register_metric(DRIFT, _OF_COLUMN, (), MeasuredEngine, provider, MeasuredEngine.resolve_metrics)


_register()
