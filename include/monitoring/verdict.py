"""The daily verdict on one model: a tier, the features behind it, and a sentence."""

from include.lake.profile import Profile
from include.monitoring.drift import FeatureDrift, Tier, drift, worst
from include.serving.batch import PREDICTION
from include.spec import ModelSpec
from include.spec.contract import Frozen


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


def judge(spec: ModelSpec, version: str, key: str, window: str, reference: Profile, current: Profile) -> Verdict:
    """The verdict from two profiles; each holds the features and a column `prediction`."""
    limits = spec.monitoring
    if current.rows < limits.min_rows:
        sentence = f"{current.rows} rows from {window} are too few for a verdict, required {limits.min_rows}"
        return Verdict(
            model=spec.name, version=version, key=key, window=window, rows=current.rows,
            tier="ok", drifts=(), sentence=sentence,
        )  # fmt: skip
    drifts = drift(reference, current, (*spec.features.names, PREDICTION), limits)
    tier = worst([one.tier for one in drifts])
    loud = [one for one in drifts if one.tier != "ok"]
    named = ", ".join(f"{one.feature} {one.effect:.2f}" for one in loud[:5])
    more = f" and {len(loud) - 5} more" if len(loud) > 5 else ""  # noqa: PLR2004
    sentence = f"{tier}: drift of {named}{more}" if loud else "ok: no drift beyond the warn limit"
    return Verdict(
        model=spec.name, version=version, key=key, window=window, rows=current.rows,
        tier=tier, drifts=drifts, sentence=f"{sentence} (champion v{version}, {window}, {current.rows} rows)",
    )  # fmt: skip
