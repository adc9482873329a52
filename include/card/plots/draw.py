"""Every picture of one run's card."""

from collections.abc import Iterator

from include.card.plots.belief import reliability
from include.card.plots.curves import curves
from include.card.plots.days import by_day
from include.card.plots.errors import errors
from include.card.plots.groups import fairness, slices
from include.card.plots.plot import Plot, style
from include.card.plots.probes import drift, robustness
from include.card.sources import Sources


def draw(sources: Sources) -> tuple[Plot, ...]:
    """The pictures that the evidence is enough for, in the order a reader wants them."""
    with style():
        return tuple(_plots(sources))


def _plots(sources: Sources) -> Iterator[Plot]:
    found = sources.evidence
    if not len(found.target):
        return
    if found.summary.task == "regression":
        yield from errors(found)
    else:
        yield from curves(found)
        yield from reliability(found)
    rules, probes = sources.spec.gates, found.summary.probes
    yield from by_day(found, rules.champion_comparison.metric)
    yield from slices(found.summary.slices, rules.slices)
    yield from fairness(found.summary.fairness, rules.fairness)
    yield from drift(probes.window_data, rules.training_data)
    yield from robustness(probes.robustness, rules.robustness)
