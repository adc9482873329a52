"""The numbers and the decisions as the product makes them."""

import time
from pathlib import Path

import psutil

from benchmarks.gating.memory import peak_mb
from benchmarks.gating.rows import COLUMNS, HeldOutRows
from include.evaluation.answers import Answers
from include.evaluation.calibration import Rows, calibration
from include.evaluation.estimate import Estimate
from include.evaluation.evidence import Evidence, Summary
from include.evaluation.fairness import measure_fairness
from include.evaluation.intervals import estimate, paired_difference
from include.evaluation.slices import measure_slices
from include.features.matrix import Floats
from include.gates import decide
from include.spec import Gates
from include.spec.gates import with_defaults
from include.spec.metrics import METRICS

CONFIDENCE, SEED = 0.95, 1
DECIDED = (
    "absolute_floor", "champion_comparison", "slices", "fairness", "calibration", "not_degenerate", "reference_sanity",
)  # fmt: skip


def run(folder: Path) -> dict[str, float]:
    """Measures and decides once; gives seconds, and memory beyond what the process had before there were rows."""
    before = psutil.Process().memory_info().rss / 1e6
    data = HeldOutRows.read(folder)
    started, cpu = time.perf_counter(), time.process_time()
    found = evidence(data, gates())
    measured = time.perf_counter()
    decided = {name: decide(name, found, gates()).status for name in DECIDED}
    ended = time.perf_counter()
    assert decided["champion_comparison"] == decided["absolute_floor"] == "pass", decided
    assert found.summary.slices is not None
    assert len(found.summary.slices.slices) == sum(len(coded.names) for coded in data.groups.values())
    return {
        "seconds": ended - started,
        "measure_seconds": measured - started,
        "decide_seconds": ended - measured,
        "cpu_seconds": time.process_time() - cpu,
        "rows_mb": data.bytes / 1e6,
        "peak_mb": peak_mb() - before,
    }


def compare(folder: Path, resamples: int) -> dict[str, float]:
    """The champion comparison alone, with so many resamples."""
    data = HeldOutRows.read(folder)
    started, cpu = time.perf_counter(), time.process_time()
    paired_difference(
        "auc", data.target, data.challenger, data.champion, data.days.codes, CONFIDENCE, SEED, resamples
    )  # fmt: skip
    return {"seconds": time.perf_counter() - started, "cpu_seconds": time.process_time() - cpu}


def gates() -> Gates:
    """The defaults, with the slices and a column for fairness declared."""
    declared = {"slices": {"columns": COLUMNS, "metric": "auc", "margin": 0.01}, "fairness": {"columns": COLUMNS[:1]}}
    return Gates.model_validate(with_defaults("binary", declared))


def evidence(data: HeldOutRows, rules: Gates) -> Evidence:
    """The evidence of these rows, with everything measured that is measured on rows."""
    answers = Answers("binary", (), data.days.codes, data.target, data.challenger, data.champion)
    assert rules.calibration is not None
    people = {name: data.groups[name] for name in rules.fairness.columns}
    summary = Summary(
        model="benchmark", run_id="run", as_of="2013-02-01", task="binary", training_window="", held_out_window="",
        training_snapshot="", held_out_snapshot="", rows=len(data.target), champion_version="1",
        challenger_metrics=estimates(data, data.challenger),
        champion_metrics=estimates(data, data.champion),
        calibration=calibration(
            Rows((), data.target, data.days), data.challenger, data.champion, rules.calibration.confidence
        ),
        slices=measure_slices(answers, data.groups, rules.slices),
        fairness=measure_fairness(answers, people, rules.fairness),
    )  # fmt: skip
    return Evidence(
        summary=summary, days=data.days, target=data.target, challenger=data.challenger, champion=data.champion,
        reference_challenger=data.challenger[:2000], reference_champion=data.champion[:2000], groups=data.groups,
    )  # fmt: skip


def estimates(data: HeldOutRows, said: Floats) -> dict[str, Estimate]:
    """Every metric with its interval, as the evaluation has them."""
    return {name: estimate(name, data.target, said, data.days.codes, CONFIDENCE, SEED) for name in METRICS["binary"]}
