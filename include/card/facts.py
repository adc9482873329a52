"""The facts of a card, line by line: what the model is, what it saw and what it was made of."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from include.card.numbers import share, shown
from include.card.sources import Sources
from include.ledger import Promotion
from include.registry.manifest import Manifest


@dataclass(frozen=True)
class Fact:
    """One line of a table of facts."""

    name: str
    value: str


def about(sources: Sources) -> Iterator[Fact]:
    """What the model is, for whom, and what serving it takes."""
    spec, target = sources.spec, sources.spec.target
    what = target.column if target.above is None else f"{target.column} > {target.above:g}"
    classes = f" ({', '.join(target.classes)})" if target.classes else ""
    yield Fact("Task", f"{spec.task}: {what}{classes}")
    yield Fact("Intended use", spec.intended_use or "its owner has not said")
    yield Fact("Owner", spec.owner)
    yield Fact("Numbers", ", ".join(spec.features.numeric) or "none")
    yield Fact("Categories", ", ".join(spec.features.categorical) or "none")
    yield Fact("Made because", sources.made.reason)
    yield from _costs(sources)


def _costs(sources: Sources) -> Iterator[Fact]:
    """What serving it takes, as the probe measured it; none where it did not."""
    measured = sources.evidence.summary.probes.resources
    if measured is not None and (found := measured.costs) is not None:
        yield Fact(
            "Serving takes",
            f"{found.single_p50_ms:.3g} ms for a row in the middle, {found.single_p99_ms:.3g} ms at p99; "
            f"{found.batch_p99_ms:.3g} ms for {found.batch_rows:,} rows; {found.peak_mb:,.0f} MB of memory, "
            f"{found.artifact_mb:.3g} MB of file. Waiting for a processor, {found.waited_share:.0%} of the time "
            "while this was measured, is not counted",
        )


def data(sources: Sources) -> Iterator[Fact]:
    """What it learnt from and what it was judged on."""
    spec, made, evidence = sources.spec, sources.made, sources.evidence
    unlabelled = f"{made.unlabelled_rows:,} more without a label" if made.unlabelled_rows else "every one with a label"
    yield Fact("Dataset", f"{spec.dataset}, of {spec.contract.owner}. {spec.contract.description}".strip())
    yield Fact("Learnt from", f"{made.training_window}: {made.training_rows:,} rows, {unlabelled}")
    yield Fact("Judged on", f"{made.held_out_window}: {len(evidence.target):,} labelled rows of {sources.days} days")
    yield Fact("Target there", _target(sources))
    yield Fact("Label delay", f"{spec.label_delay_days} days, left out between the two windows")


def _target(sources: Sources) -> str:
    target, task = sources.evidence.target, sources.spec.task
    if task == "regression":
        low, middle, high = np.quantile(target, [0.05, 0.5, 0.95])
        return f"median {shown(float(middle))}, nine of ten rows from {shown(float(low))} to {shown(float(high))}"
    counts = {name: share(rows, len(target)) for name, rows in sources.class_rows.items()}
    return ", ".join(f"{name} {part}" for name, part in counts.items())


def lineage(sources: Sources) -> Iterator[Fact]:
    """Everything that it takes to make it again, and to tell it from any other. Hashes are SHA-256 in hex."""
    made, parameters = sources.made, sources.made.parameters
    found = {
        "Commit": f"{made.commit}{' with uncommitted changes' if made.commit_dirty else ''}",
        "Libraries (lock)": made.lock_hash,
        "Declaration": f"{made.spec_hash} (contract {made.contract_hash}, features {made.features_hash})",
        "pipeline.py": made.pipeline_hash,
        "Training snapshot": made.training_snapshot,
        "Held-out snapshot": sources.evidence.summary.held_out_snapshot,
        "Parameters": ", ".join(f"{name} = {value}" for name, value in parameters.items()) or "none",
        "Search": _search(made),
        "Seed": str(made.seed),
        "Made on": f"{made.surroundings.python}, {made.surroundings.system}",
        "Model file": made.model_hash,
        "What it learnt": made.content_hash,
        "MLflow run": made.run_id,
    }
    yield from (Fact(name, value) for name, value in found.items())


def _search(made: Manifest) -> str:
    """What a search for parameters tried, and what it gained over those that were declared."""
    tried = made.search
    if tried is None:
        return "none: the parameters are declared"
    declared = f", the declared ones {shown(tried.declared)}" if tried.declared is not None else ""
    trials = tried.complete + tried.pruned + tried.failed
    return (
        f"{trials} trials on {len(tried.folds)} folds of the training window chose {', '.join(made.found)}: "
        f"{tried.metric} {shown(tried.best)}{declared}"
    )


def promotion(record: Promotion) -> Iterator[Fact]:
    """Who or what made it champion, on what, and instead of whom."""
    yield Fact("Promoted", f"{record.recorded_at:%Y-%m-%d %H:%M:%S} UTC by {record.actor}: {record.reason}")
    yield Fact(
        "Approval", "a person agreed" if record.approval == "person" else "nobody was asked: model.yaml wants it so"
    )
    yield Fact("Replaces", f"v{record.replaces}" if record.replaces else "no champion: it is the first")
    yield Fact("Model file", record.model_hash)
    yield Fact("Evidence", f"{record.evidence}, SHA-256 {record.evidence_sha256}")
