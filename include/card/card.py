"""The card as a value: what one version is, how it was judged and what it cannot do."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from include.card import limits
from include.card.limits import Remark
from include.card.numbers import between, share, shown, signed
from include.card.rulings import Ruling
from include.card.sources import Sources
from include.evaluation.estimate import Estimate
from include.evaluation.metrics import improvement
from include.ledger import Override, Promotion
from include.spec.metrics import METRICS, Metric

NOBODY = "no champion yet"


@dataclass(frozen=True)
class Fact:
    """One line of a table of facts."""

    name: str
    value: str


@dataclass(frozen=True)
class MetricRow:
    """One metric of both sides on the same rows; `better` is None where there is nothing to compare."""

    name: str
    challenger: str
    champion: str
    change: str
    better: bool | None


@dataclass(frozen=True)
class Card:
    """Everything a page about the version shows; texts are plain, whoever renders them escapes them."""

    model: str
    name: str
    state: str
    sentence: str
    description: str
    owner_limits: str
    champion: str
    about: tuple[Fact, ...]
    data: tuple[Fact, ...]
    lineage: tuple[Fact, ...]
    metrics: tuple[MetricRow, ...]
    gates: tuple[Ruling, ...]
    overrides: tuple[Override, ...]
    remarks: tuple[Remark, ...]
    promotion: Promotion | None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the reader has to know before everything else."""
        return tuple(one.text for one in self.remarks if one.loud)


def card_of(sources: Sources) -> Card:
    """The card that follows from its sources: no clock, no network, the same every time."""
    spec, found = sources.spec, sources.evidence.summary
    overrides = tuple(one.override for one in sources.rulings if one.override)
    return Card(
        model=spec.name,
        name=f"{spec.name} v{sources.version}" if sources.version else f"{spec.name}, challenger of {found.as_of}",
        state=_state(sources),
        sentence=_sentence(sources),
        description=spec.description,
        owner_limits=spec.limits,
        champion=f"champion v{found.champion_version}" if found.champion_version else NOBODY,
        about=_about(sources),
        data=_data(sources),
        lineage=_lineage(sources),
        metrics=tuple(_metrics(sources)),
        gates=sources.rulings,
        overrides=overrides,
        remarks=tuple(limits.remarks(sources)),
        promotion=sources.promotion,
    )


def _state(sources: Sources) -> str:
    if sources.promotion:
        return "champion"
    return "challenger" if all(one.accepted for one in sources.rulings) else "refused"


def _sentence(sources: Sources) -> str:
    refused = [one.gate for one in sources.rulings if not one.accepted]
    overridden = [one.gate for one in sources.rulings if one.override]
    total = len(sources.rulings)
    if refused:
        return f"Refused by {len(refused)} of {total} gates: {', '.join(refused)}."
    passed = f"{total - len(overridden)} of {total} gates passed"
    return f"{passed}, {len(overridden)} overridden: {', '.join(overridden)}." if overridden else f"{passed}."


def _about(sources: Sources) -> tuple[Fact, ...]:
    spec, target = sources.spec, sources.spec.target
    what = target.column if target.above is None else f"{target.column} > {target.above:g}"
    classes = f" ({', '.join(target.classes)})" if target.classes else ""
    return (
        Fact("Task", f"{spec.task}: {what}{classes}"),
        Fact("Intended use", spec.intended_use or "its owner has not said"),
        Fact("Owner", spec.owner),
        Fact("Numbers", ", ".join(spec.features.numeric) or "none"),
        Fact("Categories", ", ".join(spec.features.categorical) or "none"),
        Fact("Made because", sources.made.reason),
    )


def _data(sources: Sources) -> tuple[Fact, ...]:
    spec, made, evidence = sources.spec, sources.made, sources.evidence
    unlabelled = f"{made.unlabelled_rows:,} more without a label" if made.unlabelled_rows else "every one with a label"
    return (
        Fact("Dataset", f"{spec.dataset}, of {spec.contract.owner}. {spec.contract.description}".strip()),
        Fact("Learnt from", f"{made.training_window}: {made.training_rows:,} rows, {unlabelled}"),
        Fact("Judged on", f"{made.held_out_window}: {len(evidence.target):,} labelled rows of {sources.days} days"),
        Fact("Target there", _target(sources)),
        Fact("Label delay", f"{spec.label_delay_days} days between the two windows"),
    )


def _target(sources: Sources) -> str:
    target, task = sources.evidence.target, sources.spec.task
    if task == "regression":
        low, middle, high = np.quantile(target, [0.05, 0.5, 0.95])
        return f"median {shown(float(middle))}, nine of ten rows from {shown(float(low))} to {shown(float(high))}"
    counts = {name: share(rows, len(target)) for name, rows in sources.class_rows.items()}
    return ", ".join(f"{name} {part}" for name, part in counts.items())


def _lineage(sources: Sources) -> tuple[Fact, ...]:
    made, parameters = sources.made, sources.made.parameters
    facts = {
        "Commit": f"{made.commit}{' with uncommitted changes' if made.commit_dirty else ''}",
        "Libraries (lock)": made.lock_hash,
        "Declaration": made.spec_hash,
        "Training snapshot": made.training_snapshot,
        "Held-out snapshot": sources.evidence.summary.held_out_snapshot,
        "Parameters": ", ".join(f"{name} = {value}" for name, value in parameters.items()) or "none",
        "Seed": str(made.seed),
        "Model file": made.model_hash,
        "MLflow run": made.run_id,
    }
    return tuple(Fact(name, value) for name, value in facts.items())


def _metrics(sources: Sources) -> Iterator[MetricRow]:
    summary = sources.evidence.summary
    champion = summary.champion_metrics or {}
    for name in METRICS[summary.task]:
        ours, theirs = summary.challenger_metrics.get(name), champion.get(name)
        if ours is not None:
            yield MetricRow(name, _estimate(ours), _estimate(theirs), *_change(name, ours, theirs))


def _estimate(found: Estimate | None) -> str:
    if found is None:
        return shown(None)
    interval = between(found.lower, found.upper)
    return f"{shown(found.value)} ({interval})" if interval else shown(found.value)


def _change(name: Metric, ours: Estimate, theirs: Estimate | None) -> tuple[str, bool | None]:
    by = improvement(name, ours.value, theirs.value) if theirs else float("nan")
    if not np.isfinite(by):
        return shown(None), None
    if by == 0:
        return "the same", None
    return f"{signed(by)} {'better' if by > 0 else 'worse'}", by > 0
