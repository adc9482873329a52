"""`python -m include.serving.prepare`: a version from the registry becomes a folder that a worker can load.

This process has MLflow, scikit-learn and pandas in memory, so that workers need not. The model file's hash is compared
with the one the ledger has; the computation is compared with the pipeline on rows the model was trained on and on rows
made to hit every threshold, every category, unseen ones and missing values.
"""

import argparse
import logging
import os
import sys
import tempfile
from pathlib import Path

import msgspec
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from include.errors import PerennialError
from include.evaluation.contender import as_trained
from include.registry import model_file, registry, runs
from include.registry.client import tracking
from include.registry.registry import Version
from include.serving.compiled import compiled, differences
from include.serving.compiling import computation
from include.serving.compiling_columns import NotCompilable
from include.serving.plan import Computation, Plan, write
from include.serving.prepared import PLAN
from include.serving.probing import Probe
from include.spec import ModelSpec, load_model

log = logging.getLogger(__name__)
TOLERANCE = 1e-6


def prepare(model: str, number: str, model_hash: str, folder: Path) -> Plan:
    """Writes the plan of a version, and its model file where the pipeline itself has to answer.

    BadData where the file is not the one of this hash, NotFound where version or run are missing.
    """
    found = registry.version(model, number)
    spec = as_trained(load_model(model), runs.manifest(found.run_id))
    with tempfile.TemporaryDirectory(prefix="perennial-model-") as place, tracking():
        stored = model_file.download(f"models:/{model}/{number}", Path(place))
        pipeline = model_file.load(stored, model_hash, f"{model} v{number}")
        with threadpool_limits(1):
            plan = _plan(spec, found.model_copy(update={"model_hash": model_hash}), pipeline)
        if plan.computation is None:
            (folder / model_file.MODEL_FILE).write_bytes((stored / model_file.MODEL_FILE).read_bytes())
    unfinished = folder / f".{PLAN}"
    unfinished.write_bytes(write(plan))
    unfinished.replace(folder / PLAN)
    return plan


def _plan(spec: ModelSpec, wanted: Version, pipeline: Pipeline) -> Plan:
    made, reason = _computation(spec, pipeline)
    probe = Probe.of(spec, wanted.run_id, pipeline, made)
    plan = Plan(
        model=spec.name,
        version=wanted.version,
        model_hash=wanted.model_hash,
        task=spec.task,
        features=list(spec.features.names),
        words=list(spec.features.categorical),
        float32=list(spec.features.float32),
        classes=list(spec.target.classes),
        refuses_missing=probe.refuses_missing,
        known_words=probe.known_words,
        computation=made,
        reason=reason,
        difference=0.0,
        samples=probe.samples,
        windows={name: one.model_dump_json() for name, one in spec.windows.items()},
    )
    return plan if made is None else _proven(plan, made)


def _computation(spec: ModelSpec, pipeline: Pipeline) -> tuple[Computation | None, str]:
    try:
        return computation(spec, pipeline), ""
    except (NotCompilable, AttributeError, KeyError, TypeError, ValueError) as problem:  # parts we do not know
        return None, f"{type(problem).__name__}: {problem}"


def _proven(plan: Plan, made: Computation) -> Plan:
    """The plan with the largest difference that was found, without a computation that is too far from the pipeline."""
    try:
        worst = largest_difference(plan, made)
    except (RecursionError, MemoryError, SyntaxError, ArithmeticError) as problem:
        return msgspec.structs.replace(plan, computation=None, reason=f"{type(problem).__name__}: {problem}")
    if worst > TOLERANCE:
        reason = f"the computation differs from the pipeline by {worst:.3g}, and {TOLERANCE:g} is allowed"
        return msgspec.structs.replace(plan, computation=None, reason=reason)
    return msgspec.structs.replace(plan, difference=worst)


def largest_difference(plan: Plan, made: Computation) -> float:
    """How far the computation is from what the pipeline said of the samples, to the size of the answer above 1."""
    answer = compiled(made, len(plan.features), [plan.features.index(one) for one in plan.float32])
    rows, said = [one.row for one in plan.samples], [one.said for one in plan.samples]
    sizes = [max(1.0, *map(abs, one)) for one in said]
    return max((apart / size for apart, size in zip(differences(answer, rows, said), sizes, strict=True)), default=0.0)


def main() -> int:
    """Prepares one version; the exit code says what the caller can do."""
    parser = argparse.ArgumentParser(prog="python -m include.serving.prepare", description=__doc__)
    for name in ("model", "version", "model_hash", "folder"):
        parser.add_argument(name)
    given = parser.parse_args()
    os.nice(5)  # who answers requests goes first
    try:
        plan = prepare(given.model, given.version, given.model_hash, Path(given.folder))
    except PerennialError as problem:
        print(problem, file=sys.stderr)  # noqa: T201 - a command
        return problem.exit_code
    log.info("%s v%s: %s", plan.model, plan.version, plan.reason or f"compiled, differs by {plan.difference:.3g}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
