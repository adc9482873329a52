"""What the gates say of a challenger of the past, from evidence measured as the loop measures it."""

from include.evaluation.by_group import with_groups
from include.evaluation.calibration import Rows, calibration
from include.evaluation.evaluate import estimates
from include.evaluation.evidence import Evidence, Summary
from include.evaluation.history import Comparison
from include.evaluation.probes import Probes
from include.evaluation.window_data import WindowData, days_of, distance
from include.features.matrix import Floats
from include.gates import GateResult, decide
from include.replay.challenger import Challenger
from include.replay.history import History

REPLAYED = (
    "absolute_floor", "champion_comparison", "slices", "fairness", "calibration", "not_degenerate", "training_data",
)  # fmt: skip
"""Those that decide on what was predicted and on what data. Not replayed are those that probe the model itself, its
file and its machine: robustness, leakage, reference_sanity, round_trip, resources."""


def judged(
    challenger: Challenger, champion: Challenger | None, comparisons: tuple[Comparison, ...], history: History
) -> list[GateResult]:
    """What each gate of the model says, of those that are replayed."""
    gates, found = challenger.spec.gates, evidence(challenger, champion, comparisons, history)
    return [decide(name, found, gates) for name in gates.names if name in REPLAYED]


def evidence(
    challenger: Challenger, champion: Challenger | None, comparisons: tuple[Comparison, ...], history: History
) -> Evidence:
    """Both on the challenger's held-out rows."""
    spec, rows, said = challenger.spec, challenger.rows, challenger.said
    champion_said = champion.on(rows.table) if champion else None
    rule = spec.gates.calibration
    summary = Summary(
        model=spec.name,
        run_id=challenger.name,
        as_of=challenger.name,
        task=spec.task,
        classes=spec.target.classes,
        training_window=str(challenger.data.training_window),
        held_out_window=str(challenger.data.held_out_window),
        training_snapshot=challenger.data.training.id,
        held_out_snapshot=challenger.data.held_out.id,
        rows=len(rows.target),
        champion_version=champion.name if champion else None,
        challenger_metrics=estimates(spec.task, rows, said),
        champion_metrics=estimates(spec.task, rows, champion_said) if champion_said is not None else None,
        history=comparisons,
        probes=Probes(window_data=_window(challenger, champion, history)),
        calibration=rule
        and calibration(Rows(spec.target.classes, rows.target, rows.days), said, champion_said, rule.confidence),
    )
    none: Floats = said[:0]
    found = Evidence(summary, rows.days, rows.target, said, champion_said, none, none)
    return with_groups(found, spec, rows, challenger.training_profile)


def _window(challenger: Challenger, champion: Challenger | None, history: History) -> WindowData:
    spec, data = challenger.spec, challenger.data
    known = [one for one in history.verdicts() if history.known(one.key, challenger.as_of)]
    return WindowData(
        days=days_of(spec, data.training_window, data.training, known),
        rows=challenger.learnt.rows + challenger.learnt.unlabelled,
        unlabelled_rows=challenger.learnt.unlabelled,
        distance=distance(spec, champion.name, champion.training_profile, challenger.training_profile)
        if champion
        else None,
    )
