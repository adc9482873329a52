"""The verdict of a day of the past, by the detector that the policy names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from include.drift import Reference, Tier
from include.lake.merging import merge
from include.lake.profile import Profile
from include.monitoring import references
from include.monitoring.verdict import CurrentWindow, judge
from include.replay import measuring, textbook
from include.replay.challenger import Challenger
from include.replay.measuring import Answered
from include.replay.policies import Policy
from include.spec import ModelSpec
from include.training.data import partition_day, partition_key
from include.training.predictions import PREDICTION


@dataclass(frozen=True)
class Watched:
    """A day under watch: what was answered by whom, and its profile with the answers."""

    answered: Answered
    profile: Profile


Window = Mapping[str, Watched]  # by partition key and in order
Days = Mapping[str, Profile]


def kept_days(spec: ModelSpec) -> int:
    """How many days back verdicts look."""
    rule = spec.monitoring
    compared = rule.window_days + (rule.reference_days if rule.reference == "rolling" else 0)
    return max(compared, measuring.kept_days(spec))


@dataclass(frozen=True)
class Verdicts:
    """How far the data is from what the champion knows, and how well it does."""

    drift: Tier
    performance: Tier


BLIND = {"of_windows", "cool_down_days", "requests_per_month", "leave_after", "calendar", "roll_back", "max_age_hours"}
"""Keys of `monitoring` that say what follows from verdicts, and not what they are."""


@dataclass
class Watch:
    """The verdicts of one morning: policies that watch the same answers by the same rule share one."""

    _known: dict[tuple[object, ...], Verdicts] = field(default_factory=dict)

    def verdicts(self, policy: Policy, spec: ModelSpec, champion: Challenger, window: Window) -> Verdicts:
        """Those on the window that ends with the last of these days. What there is too little for is ok.

        The textbook knows drift alone.
        """
        by = tuple(one.answered.by for one in window.values())
        rule = spec.monitoring.model_dump_json(exclude=BLIND)
        key = (policy.detector, rule, spec.gates.model_dump_json(), champion, by)
        if key not in self._known:
            self._known[key] = _verdicts(policy, spec, champion, window)
        return self._known[key]


def _verdicts(policy: Policy, spec: ModelSpec, champion: Challenger, window: Window) -> Verdicts:
    drift = _tier(policy, spec, champion, {name: one.profile for name, one in window.items()})
    if policy.detector == "textbook":
        return Verdicts(drift, "ok")
    answered = [one.answered for one in window.values()]
    return Verdicts(drift, measuring.tier(spec, champion, answered[-1].day, answered))


def _tier(policy: Policy, spec: ModelSpec, champion: Challenger, days: Days) -> Tier:
    last = partition_day(spec.contract, list(days)[-1])
    opens = last - timedelta(days=spec.monitoring.window_days - 1)
    first = partition_key(spec.contract, opens)
    current = {key: day for key, day in days.items() if key >= first}
    if policy.detector == "textbook":
        whole = len(current) == spec.monitoring.window_days
        names = (*spec.features.names, PREDICTION)
        return textbook.tier(champion.whole, merge(current.values()), names) if whole else "ok"
    begin = partition_key(spec.contract, opens - timedelta(days=spec.monitoring.reference_days))
    compared = _reference(spec, champion, {key: day for key, day in days.items() if begin <= key < first})
    if compared is None:
        return "ok"
    alike = references.alike(spec, current, compared.features.keys)
    return judge(spec, champion.name, CurrentWindow(current, alike, champion.importance), compared).tier


def _reference(spec: ModelSpec, champion: Challenger, before: Days) -> Reference | None:
    """The champion's own, or the days before; None while those are too few."""
    if spec.monitoring.reference != "rolling":
        return champion.reference
    if len(before) < references.fewest(spec):
        return None
    return Reference.of(
        {key: _columns(day, prediction=False) for key, day in before.items()},
        {key: _columns(day, prediction=True) for key, day in before.items()},
    )


def _columns(day: Profile, *, prediction: bool) -> Profile:
    kept = {name: column for name, column in day.columns.items() if (name == PREDICTION) == prediction}
    return day.model_copy(update={"columns": kept})
