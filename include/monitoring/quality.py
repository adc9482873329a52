"""Whether one day of live traffic is whole: what a drift verdict over days is too slow for, or cannot see. Pure.

What is missing or unseen in live traffic and was there in training is training/serving skew; what failed, or came in
another volume than on the days before, is the service's or its clients'.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from scipy.special import betaincinv

from include.drift import Reference, Tier, tier_of, worst
from include.drift.measures import measures
from include.lake.profile import CategoryProfile, Profile
from include.monitoring.traffic import Traffic
from include.spec import ModelSpec
from include.spec.frozen import Measured
from include.spec.rollout import Slo

CONFIDENCE = 0.999  # one-sided: of fifty features one is called missing by chance every twenty days, by a tenth never
MANY = 10  # times the promised rate of errors
FEWEST_DAYS = 3  # before a volume is unusual
UNUSUAL, VERY_UNUSUAL = 2, 10  # times less than the quietest day before, or more than the busiest

Kind = Literal["missing", "unseen", "failed", "glass", "volume"]


class Flaw(Measured):
    """Something that is not as it was; `about` is the feature, if it is of one. Ok: it may cost the model nothing."""

    kind: Kind
    about: str = ""
    share: float
    tier: Tier
    sentence: str


class Quality(Measured):
    """What was found of one day. `shares` of all rows in turn: `failed` by the champion, `fallback` (a challenger
    failed, the champion answered), `glass`, and `unknown`: the window feature that the store could say least often."""

    model: str
    version: str
    key: str
    rows: int
    shares: dict[str, float]
    flaws: tuple[Flaw, ...]
    tier: Tier
    sentence: str


@dataclass(frozen=True)
class Day:
    """The day under watch, those before it, and what the champion leans on, by share of its skill."""

    key: str
    today: Traffic
    before: Sequence[Traffic]
    importance: Mapping[str, float]


def judge(spec: ModelSpec, version: str, day: Day, reference: Reference) -> Quality:
    """The verdict on the day, the loudest flaw first."""
    said = day.today.versions.get(version)
    found = [*_failures(spec, version, day.today), *_volume(day)]
    if said is not None:
        found += [*_missing(spec, said, reference, day.importance), *_unseen(spec, said, reference, day.importance)]
    tier = worst([one.tier for one in found])
    told = "; ".join(one.sentence for one in found) or "nothing is missing, unseen or failing that was not before"
    return Quality(
        model=spec.name, version=version, key=day.key, rows=day.today.rows,
        shares=_shares(spec, version, day.today, said), flaws=tuple(found), tier=tier,
        sentence=f"{tier}: {told} (champion v{version}, {day.key}, {day.today.rows} rows)",
    )  # fmt: skip


def at_least(count: int, rows: int) -> float:
    """The share that so many of the rows surely are a sign of (Clopper & Pearson, Biometrika 26, 1934); 0 for none."""
    return float(betaincinv(count, rows - count + 1, 1 - CONFIDENCE)) if count else 0.0


def _missing(spec: ModelSpec, said: Profile, reference: Reference, importance: Mapping[str, float]) -> Iterator[Flaw]:
    """Features that are null more often than on the worst day of the reference."""
    for name in spec.features.names:
        nulls, usual = said.columns[name].nulls, _worst_day(name, reference)
        tier = tier_of(at_least(nulls, said.rows) - usual, spec.monitoring)
        if tier != "ok":
            how = "unknown to the feature store" if name in spec.windows else "null"
            share = nulls / said.rows
            told = f"{name} is {how} in {share:.0%} of rows, at most {usual:.0%} on a day of the reference"
            yield _weighed(spec, importance, Flaw(kind="missing", about=name, share=share, tier=tier, sentence=told))


def _worst_day(name: str, reference: Reference) -> float:
    """The largest share of missing values on a day of the reference."""
    days = reference.features.days(name)
    rows = days.sum(axis=1)
    return float((days[rows > 0, -1] / rows[rows > 0]).max(initial=0.0))


def _unseen(spec: ModelSpec, said: Profile, reference: Reference, importance: Mapping[str, float]) -> Iterator[Flaw]:
    """Categories that the reference never had."""
    for name in spec.features.names:
        before, now = reference.profile.columns[name], said.columns[name]
        if not isinstance(before, CategoryProfile) or not isinstance(now, CategoryProfile):
            continue
        found = measures(before, now)
        share = found.new_share or 0.0
        tier = tier_of(at_least(round(share * now.count), said.rows), spec.monitoring)
        if tier != "ok":
            told = f"{name} has categories unseen in training in {share:.0%} of rows: {', '.join(found.new_categories)}"
            yield _weighed(spec, importance, Flaw(kind="unseen", about=name, share=share, tier=tier, sentence=told))


def _weighed(spec: ModelSpec, importance: Mapping[str, float], flaw: Flaw) -> Flaw:
    """Told and not alarmed where the model hardly leans on the feature; what was not measured counts in full."""
    stake = importance.get(flaw.about, 1.0)
    if math.isnan(stake) or stake >= spec.monitoring.harmless:
        return flaw
    return flaw.model_copy(update={"tier": "ok", "sentence": f"harmless: {flaw.sentence}"})


def _failures(spec: ModelSpec, version: str, today: Traffic) -> Iterator[Flaw]:
    failed, limit = (
        today.failed.get(version, 0),
        (spec.release.rollout.slo if spec.release.rollout else Slo()).error_rate,
    )
    turns = today.answered(version) + failed
    if (surely := at_least(failed, turns)) > limit:
        tier: Tier = "critical" if surely > MANY * limit else "alert"
        share = failed / turns
        told = f"v{version} failed {share:.1%} of its rows, promised are at most {limit:.1%}"
        yield Flaw(kind="failed", share=share, tier=tier, sentence=told)
    if today.glass > failed:
        share = today.glass / today.rows
        yield Flaw(kind="glass", share=share, tier="warn", sentence=f"{share:.1%} of rows were answered by no version")


def _volume(day: Day) -> Iterator[Flaw]:
    """Far fewer rows than on the quietest day before, or far more than on the busiest, beyond what chance does."""
    if len(day.before) < FEWEST_DAYS:
        return
    rows, known = day.today.rows, [one.rows for one in day.before]
    most, least = rows + 3 * math.sqrt(rows + 1), rows - 3 * math.sqrt(rows)
    times = max(min(known) / most, least / max(known))
    if times > UNUSUAL:
        tier: Tier = "alert" if times > VERY_UNUSUAL else "warn"
        told = f"{rows} rows, {min(known)} to {max(known)} on {len(known)} days before"
        yield Flaw(kind="volume", share=rows / max(known), tier=tier, sentence=told)


def _shares(spec: ModelSpec, version: str, today: Traffic, said: Profile | None) -> dict[str, float]:
    others = sum(count for name, count in today.failed.items() if name != version)
    counts = {"failed": today.failed.get(version, 0), "fallback": others, "glass": today.glass}
    unknown = [said.columns[name].nulls / said.rows for name in spec.windows if name in said.columns] if said else []
    return {**{name: count / today.rows for name, count in counts.items()}, "unknown": max(unknown, default=0.0)}
