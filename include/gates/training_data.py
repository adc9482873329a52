"""Training data: the window was whole, and it is the champion's world it was taken from.

The contract has judged every partition; this gate judges what is left of the window: days that never came or were
quarantined, days admitted with a warning, rows without a label. And it compares the window with the champion's, feature
by feature, by the drift of stored profiles. The limit there is wide on purpose: a training that drift asked for sees
other data than the champion did, a whole summer if need be (in the demonstration, 2.0), and that is its point. A unit
that changed throughout is far beyond (there, 10). Features declared seasonal are shown and not judged.
"""

from collections.abc import Iterator, Sequence

from include.evaluation.evidence import Evidence
from include.evaluation.window_data import ChampionDistance, WindowData
from include.gates.result import Check, GateResult
from include.spec.gates import TrainingData

NAME = "training_data"
SHOWN = 3  # days that a sentence names


def decide(evidence: Evidence, rule: TrainingData) -> GateResult:
    """Passes where little of the window is missing, and no feature is too far from the champion's window."""
    found = evidence.summary.probes.window_data
    if found is None:
        return GateResult.unmeasured(NAME, "the evidence does not describe the training window: evaluate again")
    return GateResult.of(NAME, [*_whole(found, rule), *_near(found, evidence.summary.champion_version, rule)])


def _whole(found: WindowData, rule: TrainingData) -> Iterator[Check]:
    days = found.days
    lacking = (*days.missing, *days.quarantined)
    what = f"share of {days.expected} days missing ({len(days.missing)}) or quarantined ({len(days.quarantined)})"
    yield _share("missing", len(lacking), days.expected, rule.max_missing_share, f"{what}{_named(lacking)}")
    what = f"share of {days.expected} days with a warning{_named(days.warned)}"
    yield _share("warned", len(days.warned), days.expected, rule.max_warned_share, what)
    what = f"share of {found.rows} rows without a label"
    yield _share("unlabelled", found.unlabelled_rows, found.rows, rule.max_unlabelled_share, what)


def _near(found: WindowData, champion_version: str | None, rule: TrainingData) -> Iterator[Check]:
    if champion_version is None:
        yield Check(name="drift", status="pass", threshold=rule.max_drift, sentence=NO_ONE)
    elif found.distance is None:
        why = found.problem or "it is not in the evidence"
        sentence = f"the training window of champion v{champion_version} could not be compared: {why}"
        yield Check(name="drift", status="error", threshold=rule.max_drift, sentence=sentence)
    else:
        yield from _drifts(found.distance, rule)


NO_ONE = "no champion yet: there is no window to compare with"


def _drifts(distance: ChampionDistance, rule: TrainingData) -> Iterator[Check]:
    """The farthest judged feature and every other one that is too far; what is exempt or new is told."""
    judged = [one for one in distance.drift if one.feature not in distance.seasonal]
    for place, one in enumerate(judged):
        what = f"drift of {one.feature} from the window of champion v{distance.version}"
        check = Check.at_most(f"drift:{one.feature}", one.effect, rule.max_drift, what)
        if place == 0 or check.status != "pass":
            yield check
    for name, words, features in (
        ("seasonal", "seasonal, not judged", [one.feature for one in distance.drift if one not in judged]),
        ("new", "not in the window of the champion, nothing to compare with", distance.others),
    ):
        if features:
            yield Check(name=name, status="pass", sentence=f"{words}: {', '.join(features)}")


def _share(name: str, count: int, whole: int, limit: float, what: str) -> Check:
    return Check.at_most(name, count / whole if whole else float("nan"), limit, what)


def _named(days: Sequence[str]) -> str:
    more = f" and {len(days) - SHOWN} more" if len(days) > SHOWN else ""
    return f": {', '.join(days[:SHOWN])}{more}" if days else ""
