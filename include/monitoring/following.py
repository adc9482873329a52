"""What the policy reads from the ledger, and what it leaves there: its decision and how each alarm stands."""

import json

from include.alerts import Notice, tell
from include.drift import Tier
from include.errors import NotFound
from include.ledger import Decision, Ledger
from include.ledger.champions import previous
from include.ledger.records import DecisionKind
from include.monitoring.policy import FollowUp, Seen, Situation, follow_up
from include.monitoring.recording import WATCH
from include.monitoring.watch import folder
from include.monitoring.watched import SCORED, Watched, tier_of_verdict
from include.settings import FILES
from include.spec import ModelSpec
from include.training.data import partition_day


def apply_policy(spec: ModelSpec, key: str, ledger: Ledger, watched: Watched = SCORED) -> FollowUp:
    """What follows from the verdicts up to `key`, recorded with its reason; alarms that changed are told.

    The same again decides the same and tells nothing. A day of the past, with a later verdict, is no reason for
    anything.
    """
    latest = next(iter(ledger.newest_decisions(spec.name, watched.drift, most=1)), None)
    if latest is not None and latest.subject > key:
        past = f"there is a verdict of {latest.subject} already: a day of the past asks for no training"
        return _recorded(spec, key, FollowUp("nothing", past), ledger, watched)
    situation = _situation(spec, key, ledger, watched)
    decided = _recorded(
        spec, key, follow_up(_history(spec, key, ledger, watched), situation, spec.monitoring), ledger, watched
    )
    for kind, tier in ((watched.drift, decided.drift), (watched.performance, decided.performance)):
        tell(_notice(spec, key, kind, tier, decided, ledger, watched), ledger)
    return decided


def _recorded(spec: ModelSpec, key: str, decided: FollowUp, ledger: Ledger, watched: Watched) -> FollowUp:
    found = ledger.decisions(spec.name, kind=watched.drift, subject=key)
    ledger.record_decision(
        Decision(
            model=spec.name, kind=watched.policy, subject=key, outcome=decided.action, reason=decided.reason,
            actor=WATCH, evidence=found[-1].evidence if found else None,
        ),
        once=True,
    )  # fmt: skip
    return decided


def _history(spec: ModelSpec, key: str, ledger: Ledger, watched: Watched) -> list[Seen]:
    most = max(spec.monitoring.of_windows, spec.monitoring.leave_after)
    champion = ledger.champion(spec.name)
    drift, measured = (
        {one.subject: one for one in ledger.newest_decisions(spec.name, kind, last=key, most=most)}
        for kind in (watched.drift, watched.performance)
    )
    return [
        Seen(
            day=partition_day(spec.contract, day),
            drift=tier_of_verdict(drift.get(day)),
            performance=tier_of_verdict(measured.get(day)),
            since_champion=champion is None or (day in measured and _version(measured[day]) == champion.version),
        )
        for day in sorted({*drift, *measured})[-most:]
    ]


def _situation(spec: ModelSpec, key: str, ledger: Ledger, watched: Watched) -> Situation:
    """Only the watch's own requests make it rest: a weekly schedule would keep it from ever asking."""
    today, champion = partition_day(spec.contract, key), ledger.champion(spec.name)
    asked = [one for one in ledger.decisions(spec.name, kind="training_request") if one.actor == WATCH]
    try:
        former = previous(spec.name, champion, ledger) if champion else None
    except NotFound:
        former = None
    days = tuple(day for one in asked if (day := watched.asked_on(one)) <= today)
    return Situation(asked=days, canary=_on_trial(spec.name, ledger), former=former)


def _on_trial(model: str, ledger: Ledger) -> str | None:
    """The version before users, unless it is held already."""
    state = ledger.rollout(model)
    if state is None or state.held or state.stage not in ("shadow", "canary", "ab"):
        return None
    return state.version


def _version(verdict: Decision) -> str:
    return str(json.loads(verdict.detail).get("version"))


def _notice(
    spec: ModelSpec, key: str, kind: DecisionKind, tier: Tier, decided: FollowUp, ledger: Ledger, watched: Watched
) -> Notice:
    cause = watched.causes[kind]
    found = ledger.newest_decisions(spec.name, kind, last=key, most=1)
    said = found[0].reason if found else f"{cause} is {tier}"
    pages = {"Verdict": f"{FILES}/{found[0].evidence}"} if found and found[0].evidence else {}
    if kind == "watch":
        pages["Report"] = f"{FILES}/{folder(spec.name, key)}/report.html"
    pages["Runs"] = f"/dags/{watched.dag}_{spec.name}/runs"
    return Notice(
        of="model",
        about=spec.name,
        cause=cause,
        tier=tier,
        sentence=f"{key}: {said}. What follows: {decided.action.replace('_', ' ')}, {decided.reason}",
        runbook="the-watch-alarms",
        pages=pages,
    )
