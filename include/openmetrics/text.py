"""The text format of OpenMetrics 1.0 (https://prometheus.io/docs/specs/om/open_metrics_spec/), for gauges."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"


@dataclass(frozen=True)
class Sample:
    """One number: of which gauge, and what it is about."""

    gauge: str
    value: float
    labels: tuple[tuple[str, str], ...]


GAUGES = {
    "perennial_tier": "newest verdict of the watch: 0 ok, 1 warn, 2 alert, 3 critical",
    "perennial_verdict_timestamp_seconds": "when that verdict was made",
    "perennial_drift": "drift of a feature, or of the prediction, in that verdict",
    "perennial_performance_tier": "newest verdict on the champion's performance: 0 ok, 1 warn, 2 alert, 3 critical",
    "perennial_performance": "the champion's metric as it was measured, estimated, and at promotion",
    "perennial_served_tier": "newest verdict on what the service answered, by what it is of: 0 ok to 3 critical",
    "perennial_served_drift": "drift of a feature as served, or of the answers, in it",
    "perennial_served_performance": "the champion's metric for those who ask the service",
    "perennial_served_share": "rows of that day that failed, fell back, no version answered, or lack a window feature",
    "perennial_served_rows": "rows the service answered on the newest day that was looked at",
    "perennial_served_timestamp_seconds": "end of that day, UTC",
    "perennial_champion_timestamp_seconds": "since when the champion serves",
    "perennial_champion_version": "the champion's version",
    "perennial_partition_timestamp_seconds": "end of the newest admitted day, UTC",
    "perennial_prediction_timestamp_seconds": "end of the newest day there are predictions of, UTC",
    "perennial_quarantined": "partitions whose newest landing is in quarantine",
    "perennial_trainings": "judged challengers by outcome, since the beginning",
    "perennial_alert": "tier of a cause of worry that stands, and 0 of one that is over",
    "perennial_deliveries_failed": "alerts that a channel could not be told, and has not been told since",
}
"""Every gauge there is, with its help text."""


def render(samples: Iterable[Sample]) -> str:
    """The samples as an exposition; every gauge is described, also one without a sample."""
    return "".join(_lines(list(samples))) + "# EOF\n"


def _lines(samples: list[Sample]) -> Iterator[str]:
    for name, meaning in GAUGES.items():
        yield f"# TYPE {name} gauge\n"
        if name.endswith("_seconds"):
            yield f"# UNIT {name} seconds\n"
        yield f"# HELP {name} {meaning}\n"
        yield from (_sample(one) for one in samples if one.gauge == name)


def _sample(sample: Sample) -> str:
    labels = ",".join(f'{name}="{_escaped(value)}"' for name, value in sample.labels)
    return f"{sample.gauge}{{{labels}}} {_number(sample.value)}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    if value != value:  # noqa: PLR0124 - not a number
        return "NaN"
    return {float("inf"): "+Inf", float("-inf"): "-Inf"}.get(value, repr(float(value)))
