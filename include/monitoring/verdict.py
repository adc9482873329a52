"""The daily verdict on one model: a tier, the features behind it, and a sentence."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from include.drift import Reference, Tier, WeighedDrift, weigh, worst
from include.drift.reference import Keep
from include.lake.profile import Profile
from include.spec import ModelSpec
from include.spec.contract import Frozen
from include.training.predictions import PREDICTION

NAMED = 3  # features a sentence names
FULL_SHARE = 0.7  # of the window's days; a quarantined day or two do not silence the watch


@dataclass(frozen=True)
class CurrentWindow:
    """The partitions under watch, each with the profile of its features and its prediction, by key and in order.

    `keep` says which days of the reference are alike enough to be compared with, `importance` what share of the
    champion's skill goes with each feature.
    """

    days: Mapping[str, Profile]
    keep: Keep
    importance: Mapping[str, float]

    @property
    def first(self) -> str:
        """The first key."""
        return next(iter(self.days))

    @property
    def last(self) -> str:
        """The last key, which the verdict is on."""
        return list(self.days)[-1]

    @property
    def rows(self) -> int:
        """Rows of all days."""
        return sum(day.rows for day in self.days.values())


class Verdict(Frozen):
    """What the watch found for the window that ends with `key`."""

    model: str
    version: str
    key: str
    window: str
    rows: int
    tier: Tier
    drifts: tuple[WeighedDrift, ...]
    sentence: str


def judge(spec: ModelSpec, version: str, window: CurrentWindow, reference: Reference) -> Verdict:
    """The verdict on the features and the prediction. BadData where the reference lacks one of them."""
    if too_little := _too_little(spec, window):
        return _verdict(spec, version, window, (), f"ok: no verdict yet, {too_little}")
    names = (*spec.features.names, PREDICTION)
    drifts = weigh(reference.columns(names, window.days, window.keep), window.importance, spec.monitoring)
    return _verdict(spec, version, window, drifts, _sentence(drifts))


def _sentence(drifts: tuple[WeighedDrift, ...]) -> str:
    loud = [one for one in drifts if one.tier != "ok"]
    quiet = [one for one in drifts if one.harmless]
    told = f"{worst([one.tier for one in drifts])}: " + (
        f"drift of {_named(loud)}" if loud else "no drift that is large, sure and may cost the model"
    )
    return f"{told}; harmless: {_named(quiet)}" if quiet else told


def _named(drifts: list[WeighedDrift]) -> str:
    more = f" and {len(drifts) - NAMED} more" if len(drifts) > NAMED else ""
    return ", ".join(one.sentence for one in drifts[:NAMED]) + more


def _too_little(spec: ModelSpec, window: CurrentWindow) -> str:
    """Why the window is too small to judge; empty where it is not. A week of which only Monday came always drifts."""
    needed = math.ceil(FULL_SHARE * spec.monitoring.window_days)
    if len(window.days) < needed:
        return f"{len(window.days)} of {spec.monitoring.window_days} days have come, required {needed}"
    if window.rows < spec.monitoring.min_rows:
        return f"{window.rows} rows have come, required {spec.monitoring.min_rows}"
    return ""


def _verdict(
    spec: ModelSpec, version: str, window: CurrentWindow, drifts: tuple[WeighedDrift, ...], sentence: str
) -> Verdict:
    return Verdict(
        model=spec.name,
        version=version,
        key=window.last,
        window=f"{window.first} to {window.last}",
        rows=window.rows,
        tier=worst([one.tier for one in drifts]),
        drifts=drifts,
        sentence=f"{sentence} (champion v{version}, {window.first} to {window.last}, {window.rows} rows)",
    )
