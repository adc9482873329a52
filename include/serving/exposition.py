"""The workers' numbers as OpenMetrics."""

from collections.abc import Iterable, Iterator, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.registry import Collector, CollectorRegistry

from include.serving.meters import BOUNDS, Histogram, ReplicaStatus


def exposition(replicas: Sequence[ReplicaStatus]) -> bytes:
    """Every worker's series, told apart by the label `replica`."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Workers(replicas))
    return bytes(generate_latest(registry))  # type: ignore[no-untyped-call]


class _Workers(Collector):
    def __init__(self, replicas: Sequence[ReplicaStatus]) -> None:
        self._replicas = replicas

    def collect(self) -> Iterable[Metric]:
        yield from (self._answers(), self._predictions(), self._stages(), self._losses(), self._serving())
        yield from (self._lag(), self._memory())

    def _answers(self) -> Metric:
        family = CounterMetricFamily(
            "perennial_serving_requests", "requests by status code", labels=("replica", "model", "status")
        )
        for one in self._replicas:
            for model, meters in one.meters.items():
                for status, count in meters.answers.items():
                    family.add_metric((one.replica, model, str(status)), count)
        return family

    def _predictions(self) -> Metric:
        labels = ("replica", "model", "slot", "version")
        family = CounterMetricFamily("perennial_serving_predictions", "rows by who answered them", labels=labels)
        for one in self._replicas:
            for model, meters in one.meters.items():
                for who, count in meters.predictions.items():
                    slot, _, version = who.partition("/")
                    family.add_metric((one.replica, model, slot, version), count)
        return family

    def _stages(self) -> Metric:
        family = HistogramMetricFamily(
            "perennial_serving_seconds",
            "time of a request by stage; total is the sum",
            labels=("replica", "model", "stage"),
        )
        for one in self._replicas:
            for model, meters in one.meters.items():
                for stage, histogram in meters.stages.items():
                    family.add_metric((one.replica, model, stage), list(_buckets(histogram)), histogram.sum)
        return family

    def _losses(self) -> Metric:
        family = CounterMetricFamily(
            "perennial_serving_lost",
            "dropped records, shadows that were dropped or failed, broken glasses, features the store did not have",
            labels=("replica", "model", "what"),
        )  # fmt: skip
        for one in self._replicas:
            for model, meters in one.meters.items():
                for what in ("log_dropped", "shadow_dropped", "shadow_failed", "glass_broken", "features_missing"):
                    family.add_metric((one.replica, model, what), getattr(meters, what))
        return family

    def _serving(self) -> Metric:
        family = GaugeMetricFamily(
            "perennial_serving_routing", "the routing a worker follows, by its sequence",
            labels=("replica", "model", "mode", "champion", "challenger"),
        )  # fmt: skip
        for one in self._replicas:
            for model, served in one.models.items():
                champion, challenger = served.champion or "", served.challenger or ""
                family.add_metric((one.replica, model, served.mode, champion, challenger), served.sequence)
        return family

    def _lag(self) -> Metric:
        family = GaugeMetricFamily(
            "perennial_serving_ledger_read_timestamp_seconds", "when the ledger was last read", labels=("replica",)
        )
        for one in self._replicas:
            family.add_metric((one.replica,), one.ledger_at)
        return family

    def _memory(self) -> Metric:
        family = GaugeMetricFamily("perennial_serving_resident_bytes", "memory a worker takes", labels=("replica",))
        for one in self._replicas:
            family.add_metric((one.replica,), one.memory)
        return family


def _buckets(histogram: Histogram) -> Iterator[tuple[str, float]]:
    below = 0
    for bound, count in zip([*map(str, BOUNDS), "+Inf"], histogram.counts, strict=True):
        below += count
        yield bound, below
