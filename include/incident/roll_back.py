"""Rolling back: a former champion serves again, at once, with who, when and why on record.

The ledger moves first, because replicas follow the ledger: no server has to answer for that. What is on its way to its
users ends; thresholds, features and reference profile move with the version. Then the replicas are waited for, and the
time until the last one follows is kept. The registry's alias comes last: nothing that serves reads it.
"""

import logging

from include.errors import NotFound, Outage
from include.incident import following
from include.incident.following import Followed
from include.ledger import Decision, Deployment, Ledger
from include.ledger.champions import previous
from include.registry import registry
from include.release import rolling
from include.release.promotion import follow_champion
from include.release.rollout import By
from include.serving.routed import routing
from include.spec import ModelSpec

log = logging.getLogger(__name__)


def roll_back(spec: ModelSpec, to_version: str | None, actor: str, reason: str, ledger: Ledger) -> Deployment:
    """Restores a former champion (default: the one before the present). Raises NotFound naming the choices where the
    version never was champion, Conflict where somebody moved the champion meanwhile."""
    champion = ledger.champion(spec.name)
    if champion is None:
        raise NotFound(f"{spec.name} has no champion, so there is nothing to roll back. Train and release one first.")
    target = to_version or _cut_off(champion) or previous(spec.name, champion, ledger)
    former = {one.version: one for one in ledger.deployments(spec.name)}
    if target not in former:
        raise NotFound(f"{spec.name} v{target} never was champion. Former champions: {_named(former, champion)}.")
    _check_there(spec.name, target)
    if target != champion.version:
        champion = _moved(spec, champion, former[target], actor, reason, ledger)
    follow_champion(registry.version(spec.name, target))
    log.info("Champion of %s is again v%s (by %s: %s)", spec.name, target, actor, reason)
    return champion


def _moved(
    spec: ModelSpec, champion: Deployment, target: Deployment, actor: str, reason: str, ledger: Ledger
) -> Deployment:
    """The ledger moves, and the replicas after it."""
    replicas = following.serving(spec.name, ledger)
    made = ledger.record_deployment(
        spec.name, target.version, target.model_hash,
        expected=champion, action="roll_back", actor=actor, reason=reason,
    )  # fmt: skip
    rolling.send_away(spec.name, By(actor, reason), ledger)
    _record(made, "rolled_back", reason, "{}", ledger)
    wanted = routing(spec.name, ledger).sequence
    followed = following.follow(spec.name, wanted, made.recorded_at, replicas, ledger)
    _record(made, "followed", followed.sentence, followed.model_dump_json(), ledger)
    log.info("%s v%s: %s", spec.name, made.version, followed.sentence)
    return made


def _record(made: Deployment, outcome: str, reason: str, detail: str, ledger: Ledger) -> None:
    ledger.record_decision(
        Decision(
            model=made.model, kind="roll_back", subject=made.version, outcome=outcome, reason=reason,
            actor=made.actor, detail=detail,
        )
    )  # fmt: skip


def last_followed(model: str, ledger: Ledger) -> Followed | None:
    """How the replicas followed the newest rollback; None where there was none."""
    found = [one for one in ledger.decisions(model, kind="roll_back") if one.outcome == "followed"]
    return Followed.model_validate_json(found[-1].detail) if found else None


def _check_there(model: str, version: str) -> None:
    """NotFound where the registry has lost the version. A registry that does not answer stops no rollback."""
    try:
        registry.version(model, version)
    except Outage as problem:
        log.warning("The registry does not answer, and v%s is restored all the same: %s", version, problem)


def _cut_off(champion: Deployment) -> str | None:
    """The version of a rollback the registry did not follow yet: it is finished, not taken one step further."""
    if champion.action == "roll_back" and registry.aliased(champion.model, "champion") != champion.version:
        return champion.version
    return None


def _named(former: dict[str, Deployment], champion: Deployment) -> str:
    return ", ".join(f"v{number}" for number in former if number != champion.version) or "none"
