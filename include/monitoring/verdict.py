"""The daily verdict on one model: a tier, the features behind it, and a sentence."""

import math
from dataclasses import dataclass

from include.drift import FeatureDrift, Tier, drift, worst
from include.lake.profile import Profile
from include.spec import ModelSpec
from include.spec.contract import Frozen
from include.training.predictions import PREDICTION

NAMED = 5  # features a sentence names
FULL_SHARE = 0.7  # of the window's days; a quarantined day or two do not silence the watch


@dataclass(frozen=True)
class CurrentWindow:
    """The partitions under watch: first and last key, and how many of the days have come."""

    first: str
    last: str
    days: int


class Verdict(Frozen):
    """What the watch found for the window that ends with `key`."""

    model: str
    version: str
    key: str
    window: str
    rows: int
    tier: Tier
    drifts: tuple[FeatureDrift, ...]
    sentence: str


def judge(spec: ModelSpec, version: str, window: CurrentWindow, reference: Profile, current: Profile) -> Verdict:
    """The verdict from two profiles; each holds the features and a column `prediction`."""
    if too_little := _too_little(spec, window, current):
        return _verdict(spec, version, window, current, "ok", (), f"ok: no verdict yet, {too_little}")
    drifts = drift(reference, current, (*spec.features.names, PREDICTION), spec.monitoring)
    tier = worst([one.tier for one in drifts])
    loud = [one for one in drifts if one.tier != "ok"]
    named = ", ".join(f"{one.feature} {one.effect:.2f}" for one in loud[:NAMED])
    more = f" and {len(loud) - NAMED} more" if len(loud) > NAMED else ""
    sentence = f"{tier}: drift of {named}{more}" if loud else "ok: no drift beyond the warn limit"
    return _verdict(spec, version, window, current, tier, drifts, sentence)


def _too_little(spec: ModelSpec, window: CurrentWindow, current: Profile) -> str:
    """Why the window is too small to judge; empty where it is not. A week of which only Monday came always drifts."""
    needed = math.ceil(FULL_SHARE * spec.monitoring.window_days)
    if window.days < needed:
        return f"{window.days} of {spec.monitoring.window_days} days have come, required {needed}"
    if current.rows < spec.monitoring.min_rows:
        return f"{current.rows} rows have come, required {spec.monitoring.min_rows}"
    return ""


def _verdict(
    spec: ModelSpec,
    version: str,
    window: CurrentWindow,
    current: Profile,
    tier: Tier,
    drifts: tuple[FeatureDrift, ...],
    sentence: str,
) -> Verdict:
    return Verdict(
        model=spec.name,
        version=version,
        key=window.last,
        window=f"{window.first} to {window.last}",
        rows=current.rows,
        tier=tier,
        drifts=drifts,
        sentence=f"{sentence} (champion v{version}, {window.first} to {window.last}, {current.rows} rows)",
    )
