"""The card as a value: what one version is, how it was judged and what it cannot do."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from include.card import facts, limits
from include.card.facts import Fact
from include.card.limits import Remark
from include.card.numbers import between, shown, signed
from include.card.rulings import Ruling
from include.card.sources import Sources
from include.evaluation.estimate import Estimate
from include.evaluation.metrics import improvement
from include.ledger import Override, Promotion
from include.spec.metrics import METRICS, Metric

NOBODY = "no champion yet"


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
        about=tuple(facts.about(sources)),
        data=tuple(facts.data(sources)),
        lineage=tuple(facts.lineage(sources)),
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
