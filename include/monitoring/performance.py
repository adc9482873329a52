"""How well the champion does: a pure decision on what was measured where labels are in, and estimated where not."""

import math
from collections.abc import Iterator
from typing import Literal

from include.drift import Tier, tier_of, worst
from include.evaluation.estimate import Estimate
from include.evaluation.metrics import improvement, reaches
from include.evaluation.skill import Skill
from include.spec import Monitoring
from include.spec.contract import Measured
from include.spec.gates import Gates
from include.spec.metrics import GREATER_IS_BETTER, Metric

Change = Literal["none", "covariate", "concept"]
Trust = Literal["trusted", "unchecked", "not to be trusted"]
FEWEST_WEEKS = 2  # with labels, before an estimate is taken to be checked
MOST_MISSES = 1  # weeks outside its band at 90 %, of four: two are no accident (5 % of the time)


class Labels(Measured):
    """Which labels are in: those of days up to `watermark` that are not `waiting`. `shares` by age: see `Maturity`.

    `watermark` is None while no day has labels.
    """

    watermark: str | None
    age: int
    shares: tuple[float, ...]
    waiting: tuple[str, ...] = ()


class Realised(Measured):
    """What was measured on days whose labels are in, every metric with bounds from whole days.

    `expected` is what the metric was to be expected at, given the inputs of the same rows, with its band. `calibration`
    is the error of the probabilities, where there are any.
    """

    first: str
    last: str
    days: int
    rows: int
    metrics: dict[Metric, Estimate]
    expected: Estimate | None = None
    calibration: Estimate | None = None


class Estimated(Measured):
    """What the metric is estimated at on the newest days, labels or not, with its band."""

    first: str
    last: str
    rows: int
    value: Estimate


class Check(Measured):
    """Of the last weeks with labels, in how many what was measured lay outside the band of what was estimated."""

    weeks: int = 0
    outside: int = 0

    @property
    def trust(self) -> Trust:
        """Whether the estimate may be believed. A week in ten is outside by chance alone."""
        if self.outside > MOST_MISSES:
            return "not to be trusted"
        return "trusted" if self.weeks >= FEWEST_WEEKS else "unchecked"


class Measurements(Measured):
    """All that the decision stands on. `promoted` is the metric on the champion's held-out rows, `skill` what it gained
    there over a constant prediction. `lately` is the metric on the newest week of the realised days, where they are
    more. What could not be measured is None, and `missing` says why."""

    metric: Metric
    labels: Labels
    promoted: Estimate
    skill: Skill
    realised: Realised | None = None
    lately: Estimate | None = None
    estimated: Estimated | None = None
    check: Check = Check()
    missing: str = ""


class Finding(Measured):
    """The verdict. `lost` is the share of the champion's skill that is gone since promotion, with its bounds, and
    `lost_lately` that of the newest week.

    `change` says of a loss whether the inputs explain it (covariate) or the relation of inputs and labels changed
    (concept), as far as the estimate can tell.
    """

    tier: Tier
    lost: Estimate | None
    change: Change
    trust: Trust
    lost_lately: Estimate | None = None


def deciding(gates: Gates) -> set[Metric]:
    """The metrics that the verdict is made of; any other is there to be read."""
    return {gates.champion_comparison.metric, *gates.absolute_floor}


def judge(found: Measurements, gates: Gates, limits: Monitoring) -> Finding:
    """The verdict on the measurements.

    Measured performance speaks by the share of skill that is surely lost, on all realised days or on the newest week of
    them, by `warn`, `alert` and `critical`, and is critical where it surely is below a floor of `gates.absolute_floor`.
    What broke is sure sooner in a week that lies behind the break than in days of which half lie before it.

    An estimate is never louder than alert, and not louder than warn until it was checked; one that is not to be trusted
    says nothing.
    """
    realised, trust = found.realised, found.check.trust
    lost = _lost(found, realised.metrics[found.metric]) if realised else None
    lately = _lost(found, found.lately) if found.lately else None
    ahead = _lost(found, found.estimated.value) if found.estimated else None
    measured = [*_measured_tiers(realised, lost, gates, limits), tier_of(lately.lower, limits) if lately else "ok"]
    tier = worst([*measured, _estimated_tier(ahead, trust, limits)])
    return Finding(tier=tier, lost=lost, change=_change(found, lost), trust=trust, lost_lately=lately)


def _lost(found: Measurements, now: Estimate) -> Estimate:
    """The share of skill lost. Bounds of a difference from those of its sides (Zou & Donner, Construction of Confidence
    Limits about Effect Measures, 2008)."""
    then = found.promoted
    loss = improvement(found.metric, then.value, now.value)
    best, worst_case = _sides(found.metric, now)
    highest, lowest = _sides(found.metric, then)
    least = loss - math.hypot(then.value - lowest, best - now.value)
    most = loss + math.hypot(highest - then.value, now.value - worst_case)
    return Estimate(value=found.skill.share(loss), lower=found.skill.share(least), upper=found.skill.share(most))


def _sides(metric: Metric, value: Estimate) -> tuple[float, float]:
    """The better and the worse bound."""
    return (value.upper, value.lower) if GREATER_IS_BETTER[metric] else (value.lower, value.upper)


def _measured_tiers(
    realised: Realised | None, lost: Estimate | None, gates: Gates, limits: Monitoring
) -> Iterator[Tier]:
    if realised is None or lost is None:
        return
    yield tier_of(lost.lower, limits)
    for metric, floor in gates.absolute_floor.items():
        measured = realised.metrics[metric]
        if surely_below(metric, measured, floor):
            yield "critical"
        elif is_below(metric, measured, floor):
            yield "warn"
    if is_miscalibrated(realised, gates):
        yield "warn"


def is_below(metric: Metric, measured: Estimate, floor: float) -> bool:
    """Whether the metric was measured, and is worse than the floor."""
    return not math.isnan(measured.value) and not reaches(metric, measured.value, floor)


def surely_below(metric: Metric, measured: Estimate, floor: float) -> bool:
    """Whether even its better bound is worse than the floor."""
    best, _ = _sides(metric, measured)
    return not math.isnan(best) and not reaches(metric, best, floor)


def is_miscalibrated(realised: Realised, gates: Gates) -> bool:
    """Whether the probabilities are surely further from what came true than `gates.calibration` allows."""
    rule, error = gates.calibration, realised.calibration
    return rule is not None and error is not None and error.lower > rule.max_error


def _estimated_tier(lost: Estimate | None, trust: Trust, limits: Monitoring) -> Tier:
    if lost is None or trust == "not to be trusted":
        return "ok"
    loud = tier_of(lost.lower, limits)
    if trust == "unchecked":
        return "ok" if loud == "ok" else "warn"
    return "alert" if loud == "critical" else loud


def _change(found: Measurements, lost: Estimate | None) -> Change:
    """Concept, where what was measured is worse than the band of what was to be expected; else what explains a loss."""
    realised = found.realised
    if realised is None or realised.expected is None or lost is None:
        return "none"
    _, least = _sides(found.metric, realised.expected)
    if improvement(found.metric, realised.metrics[found.metric].value, least) < 0:
        return "concept"
    return "covariate" if lost.lower > 0 else "none"
