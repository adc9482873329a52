"""A look at one step: what was served since it began, its verdict, and the page that shows it."""

from datetime import UTC, datetime
from html import escape
from pathlib import Path

from include.alerts import Notice, tell
from include.errors import NothingToDo
from include.lake import layout
from include.lake.store import Store
from include.ledger import Ledger, Rollout
from include.ledger.records import now
from include.registry import registry
from include.release import rolling
from include.release.counting import Scale, observed
from include.release.rollout import By, Step
from include.release.served import served
from include.release.verdict import Finding, Verdict, judge
from include.release.worries import STOPPED
from include.settings import FILES
from include.spec import ModelSpec

VERDICT = "verdict"  # who decides here, for the record


def place(state: Rollout, wanted: Step) -> str:
    """Where the page of one step lies in the lake."""
    name = wanted.stage if not wanted.share else f"{wanted.stage}-{round(wanted.share * 100)}"
    return f"{layout.evidence(state.model)}/rollouts/{state.salt}/{name}.html"


def look(spec: ModelSpec, version: str, wanted: Step, store: Store, ledger: Ledger, home: Path) -> Verdict:
    """The verdict on the step as it stands, stored; a stop is carried out at once.

    A step that somebody let the version past is decided: go. One that is held, or whose glass is broken, waits.
    NothingToDo where the rollout ended.
    """
    state = rolling.on_its_way(spec, version, ledger)
    if rolling.is_past(state, wanted):
        return _said(wanted, "go", f"let on by {state.actor}: {state.reason}")
    if rolling.is_first(spec, ledger):
        return _said(wanted, "go", "the first version of a model: there is no champion to compare it with")
    if state.held or state.answer is not None:
        return _said(wanted, "wait", f"held by {state.actor}: {state.reason}")
    verdict = _judged(spec, state, wanted, store, ledger, home)
    store.write_bytes(place(state, wanted), page(state, verdict).encode())
    store.write_bytes(place(state, wanted).replace(".html", ".json"), verdict.model_dump_json(indent=2).encode())
    if verdict.decision == "stop":
        stopped(spec, version, By(VERDICT, verdict.sentence, verdict.model_dump_json()), place(state, wanted), ledger)
        raise NothingToDo(f"{spec.name} v{version} is stopped at {_named(wanted)}: {verdict.sentence}")
    if verdict.decision == "go":
        rolling.pass_on(spec, version, By(VERDICT, verdict.sentence, verdict.model_dump_json()), ledger)
    return verdict


def stopped(spec: ModelSpec, version: str, by: By, evidence: str, ledger: Ledger) -> None:
    """Takes the version away from users, and tells who is to be told."""
    if rolling.stop(spec, version, by, ledger) is None:
        return
    tell(
        Notice(
            of="model", about=spec.name, cause=f"rollout of v{version}", tier="alert", runbook=STOPPED,
            sentence=f"v{version} is stopped by {by.actor}: {by.reason}", pages={"Evidence": f"{FILES}/{evidence}"},
        ),
        ledger,
    )  # fmt: skip


def _judged(spec: ModelSpec, state: Rollout, wanted: Step, store: Store, ledger: Ledger, home: Path) -> Verdict:
    declared, champion, version = rolling.rules(spec), ledger.champion(spec.name), str(state.version)
    since = entered(state, ledger)
    beside = registry.version(spec.name, champion.version) if champion else None
    seen = observed(
        spec, (champion.version if champion and wanted.share < 1 else None, version), served(spec, since, store, home),
        Scale.of(spec, beside, store), declared.slo.p99_ms, paired=wanted.stage == "shadow",
    )  # fmt: skip
    return judge(declared, wanted, seen, (now() - since).total_seconds() / 60)


def entered(state: Rollout, ledger: Ledger) -> datetime:
    """Since when the version stands where it stands: holding and resuming do not begin it anew."""
    changes = [one for one in ledger.rollouts(state.model) if one.salt == state.salt]
    since = state.recorded_at
    for one in reversed(changes):
        if (one.stage, one.share) != (state.stage, state.share):
            break
        since = one.recorded_at
    return since.astimezone(UTC)


def _said(wanted: Step, decision: str, sentence: str) -> Verdict:
    return Verdict.model_validate(
        {"stage": wanted.stage, "share": wanted.share, "decision": decision, "sentence": sentence, "requests": 0,
         "minutes": 0, "findings": ()}
    )  # fmt: skip


def _named(wanted: Step) -> str:
    return f"{wanted.stage} {wanted.share:.0%}" if wanted.share else wanted.stage


def page(state: Rollout, verdict: Verdict) -> str:
    """The live numbers of a step as a small page that renews itself."""
    rows = "".join(_row(one) for one in verdict.findings)
    title = f"{escape(state.model)} v{escape(str(state.version))}: {verdict.stage} {verdict.share:.0%}"
    return (
        f'<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="10"><title>{title}</title>'
        "<style>body{font:15px/1.5 system-ui;margin:2rem;max-width:60rem}td,th{padding:.3rem 1rem .3rem 0;"
        "text-align:left}.stop{color:#b3261e}.go{color:#1b6e3c}</style>"
        f"<h1>{title}</h1><p class='{verdict.decision}'><b>{verdict.decision}</b>: {escape(verdict.sentence)}</p>"
        f"<p>{verdict.requests} requests in {verdict.minutes:.1f} minutes, seen {now():%Y-%m-%d %H:%M:%S} UTC</p>"
        "<table><tr><th>question</th><th>seen</th><th>harm: evidence of needed</th><th>safety</th></tr>"
        f"{rows}</table>"
    )


def _row(one: Finding) -> str:
    safety = "" if one.safety_needed is None else f"{one.safety or 0:.1f} of {one.safety_needed:.1f}"
    mark = "stop" if one.worse else "go"
    return (
        f"<tr><td>{one.question}</td><td>{escape(one.told)}</td><td class='{mark}'>{one.harm:.1f} of "
        f"{one.harm_needed:.1f}</td><td>{safety}</td></tr>"
    )
