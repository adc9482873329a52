"""Promotion: the challenger becomes champion by compare-and-set, and what it stood on is written down for good."""

import hashlib
import logging
from typing import cast, get_args

from include.card import publish
from include.card.rulings import Ruling, rulings
from include.card.sources import promotion_of
from include.errors import BadData, Conflict, NotFound
from include.evaluation import evidence
from include.evaluation.evidence import Summary
from include.lake.store import Store
from include.ledger import Approval, Decision, Deployment, Ledger, Promotion, Rollout
from include.ledger.champions import sent_away
from include.registry import registry, runs
from include.registry.manifest import Manifest
from include.registry.registry import Version
from include.release import declared, rolling, worries
from include.release.rollout import By
from include.settings import settings
from include.spec import ModelSpec

log = logging.getLogger(__name__)


def promote(
    spec: ModelSpec, number: str, actor: str, reason: str, approval: Approval, store: Store, ledger: Ledger
) -> Promotion:
    """Makes the version champion, if the champion is still the one it was judged against; gives the record of it.

    Raises Conflict where somebody moved the champion meanwhile or rolled the version back, NotFound where its gates do
    not let it on, BadData where nobody approved what needs a person. Running it again after it succeeded changes
    nothing.
    """
    wanted, champion = registry.version(spec.name, number), ledger.champion(spec.name)
    found = rulings(spec, wanted.run_id, ledger)
    if champion is None or champion.version != number:
        _check_registered(spec.name, number, found, ledger)
        _check_not_sent_away(spec.name, number, ledger)
        _check_approved(spec, number, found, approval)
        ends = _end_of_rollout(spec, number, By(actor, reason), ledger) if spec.release.rollout else None
        _check_reproducible(spec.name, number, runs.manifest(wanted.run_id))
        judged = evidence.load_summary(spec.name, wanted.run_id, store)
        _check_expected(spec.name, number, judged, champion)
        champion = ledger.record_deployment(
            spec.name, number, wanted.model_hash, expected=champion, action="promote", actor=actor, reason=reason,
            ends=ends,
        )  # fmt: skip
    follow_champion(wanted)
    worries.end(spec.name, number, ledger)
    declared.keep(spec, wanted.run_id, store)
    made = _record(wanted, champion, found, approval, store, ledger)
    publish.publish(spec, wanted.run_id, number, store, ledger)
    log.info("Champion of %s is now v%s (it was %s)", spec.name, number, champion.replaces or "none")
    return made


def approved_by(text: str) -> Approval:
    """Who agreed, as a step is told it. NotFound where it says anything else."""
    if text not in get_args(Approval):
        raise NotFound(f"No approval '{text}'. It is one of: {', '.join(get_args(Approval))}.")
    return cast(Approval, text)


def check_approved(spec: ModelSpec, number: str, approval: Approval, ledger: Ledger) -> None:
    """BadData where nobody approved what needs a person before users see it."""
    found = rulings(spec, registry.version(spec.name, number).run_id, ledger)
    _check_registered(spec.name, number, found, ledger)
    _check_approved(spec, number, found, approval)


def follow_champion(wanted: Version) -> None:
    """Makes the registry's aliases say what the ledger says."""
    registry.point(wanted.model, "champion", wanted.version)
    registry.unpoint(wanted.model, "challenger", wanted.version)


def _end_of_rollout(spec: ModelSpec, number: str, by: By, ledger: Ledger) -> Rollout:
    """What promotion records beside the new champion. Conflict where a step is left, or it is held."""
    rolling.prepare(spec, number, "approve", by, ledger)
    return rolling.promoted(spec, number, by, ledger)


def _record(
    wanted: Version, champion: Deployment, found: tuple[Ruling, ...], approval: Approval, store: Store, ledger: Ledger
) -> Promotion:
    kept = promotion_of(wanted.model, wanted.version, ledger)
    if kept is not None and (kept.recorded_at == champion.recorded_at or champion.action == "roll_back"):
        return kept
    place = f"{evidence.folder(wanted.model, wanted.run_id)}/evidence.json"
    made = Promotion(
        model=wanted.model, version=wanted.version, run_id=wanted.run_id, model_hash=wanted.model_hash,
        evidence=place, evidence_sha256=hashlib.sha256(store.read_bytes(place)).hexdigest(),
        gates={one.gate: one.result.status if one.result else one.outcome for one in found},
        overrides=tuple(one.override for one in found if one.override), replaces=champion.replaces,
        actor=champion.actor, reason=champion.reason, approval=approval, recorded_at=champion.recorded_at,
    )  # fmt: skip
    ledger.record_decision(
        Decision(
            model=wanted.model, kind="promotion", subject=wanted.version, outcome="promoted", reason=made.reason,
            actor=made.actor, evidence=place, detail=made.model_dump_json(), recorded_at=made.recorded_at,
        )
    )  # fmt: skip
    return made


def _check_registered(model: str, number: str, found: tuple[Ruling, ...], ledger: Ledger) -> None:
    accepted = [one.subject for one in ledger.decisions(model, kind="registration") if one.outcome == "registered"]
    if number not in accepted:
        known = ", ".join(accepted) or "none"
        raise NotFound(
            f"{model} v{number} did not pass its gates, so it cannot be promoted. Versions that did: {known}."
        )
    against = [one.words for one in found if not one.accepted]
    if against:
        raise NotFound(
            f"{model} v{number} was registered, but its gates were decided anew since: {'; '.join(against)}. "
            "It is not promoted: train again, or override what they say."
        )


def _check_not_sent_away(model: str, number: str, ledger: Ledger) -> None:
    """The champion after a rollback is the one it was judged against: nothing else would keep it from coming back."""
    if number in {one.version for one in sent_away(model, ledger)}:
        raise Conflict(
            f"{model} v{number} was rolled back, so no release brings it back. To have it serve again, roll back to it "
            "by name, with the reason."
        )


def _check_approved(spec: ModelSpec, number: str, found: tuple[Ruling, ...], approval: Approval) -> None:
    """What a person overrode, a person releases, whatever model.yaml says."""
    if approval == "person":
        return
    overridden = ", ".join(one.gate for one in found if one.override)
    if overridden or spec.release.approval:
        why = f"overridden: {overridden}" if overridden else "model.yaml asks for approval"
        raise BadData(f"{spec.name} v{number} is not promoted: no person approved it, and one has to ({why}).")


def _check_reproducible(model: str, number: str, made: Manifest) -> None:
    """In production nothing serves that cannot be traced to a commit."""
    if settings().environment == "production" and (made.commit == "unknown" or made.commit_dirty):
        state = "uncommitted changes on " if made.commit_dirty else ""
        raise BadData(
            f"{model} v{number} was made with {state}commit {made.commit}: it could not be made again, "
            "so production does not promote it. Commit, deploy and train again; or declare "
            "the environment PERENNIAL_ENVIRONMENT=development."
        )


def _check_expected(model: str, number: str, judged: Summary, champion: Deployment | None) -> None:
    against, now = judged.champion_version, champion.version if champion else None
    if against != now:
        raise Conflict(
            f"{model} v{number} was judged against {f'v{against}' if against else 'no champion'}, but the champion is "
            f"{f'v{now}' if now else 'none'}. It is not promoted: request a training, so that it is judged anew."
        )
