"""Rolling back: a former champion serves again, at once, with who, when and why on record.

The ledger moves first, because replicas follow the ledger: no server has to answer for that. With the same write, what
is on its way to its users ends; thresholds, features and reference profile move with the version. Then the replicas are
waited for, and the time until the last one follows is kept. The registry's alias comes last: nothing that serves reads
it. A rollback that was cut off after its first write is finished by the next try.
"""

import logging
from datetime import datetime

from include.alerts import Notice, tell
from include.errors import Conflict, NotFound, Outage
from include.incident import following
from include.incident.following import Followed
from include.lake import layout
from include.ledger import Decision, Deployment, Ledger
from include.ledger.champions import previous
from include.registry import registry
from include.release import rolling
from include.release.promotion import follow_champion
from include.release.rollout import By
from include.release.worries import ROLLED_BACK
from include.serving.routed import routing
from include.settings import FILES
from include.spec import ModelSpec

log = logging.getLogger(__name__)
FOLLOWED = "followed"


def roll_back(
    spec: ModelSpec, to_version: str | None, by: By, ledger: Ledger, *, since: datetime | None = None
) -> Deployment:
    """Restores a former champion (default: the one before the present; none further if the same person did so `since`).

    Raises NotFound naming the choices where the version never was champion, Conflict where somebody moved the champion
    meanwhile.
    """
    champion = ledger.champion(spec.name)
    if champion is None:
        raise NotFound(f"{spec.name} has no champion, so there is nothing to roll back. Train and release one first.")
    target = to_version or _restored(champion, by, since, ledger) or previous(spec.name, champion, ledger)
    former = {one.version: one for one in ledger.deployments(spec.name)}
    if target not in former:
        raise NotFound(f"{spec.name} v{target} never was champion. Former champions: {_named(former, champion)}.")
    _check_there(spec.name, target)
    if target != champion.version:
        champion = _moved(champion, former[target], by, ledger)
    if not _is_followed(champion, ledger):
        _tell(champion, ledger)
        _record_followed(champion, ledger)
    follow_champion(registry.version(spec.name, target))
    log.info("Champion of %s is again v%s (by %s: %s)", spec.name, target, champion.actor, champion.reason)
    return champion


def cut_off(model: str, ledger: Ledger) -> Deployment | None:
    """The rollback that moved the ledger and did not get to its end; None where there is none."""
    champion = ledger.champion(model)
    return champion if champion is not None and _is_cut_off(champion, ledger) else None


def _moved(champion: Deployment, target: Deployment, by: By, ledger: Ledger) -> Deployment:
    """The champion and the end of what is on its way, in one write. What others do to a rollout meanwhile is no bar."""
    while True:
        try:
            return ledger.record_deployment(
                target.model, target.version, target.model_hash, expected=champion, action="roll_back",
                actor=by.actor, reason=by.reason, ends=rolling.rolled_back(target.model, by, ledger),
            )  # fmt: skip
        except Conflict:
            if ledger.champion(target.model) != champion:
                raise


def _tell(made: Deployment, ledger: Ledger) -> None:
    """Says so to who is to be told, whoever did it; once for each version that is sent away."""
    tell(
        Notice(
            of="model", about=made.model, cause=f"rollback of v{made.replaces}", tier="alert", runbook=ROLLED_BACK,
            sentence=f"v{made.replaces} is rolled back to v{made.version} by {made.actor}: {made.reason}",
            pages={"Incident": f"{FILES}/{layout.incident(made.model, made.sequence)}/incident.html"},
        ),
        ledger,
    )  # fmt: skip


def _record_followed(made: Deployment, ledger: Ledger) -> None:
    """Waits for the replicas, and keeps how long each took."""
    wanted = routing(made.model, ledger).sequence
    followed = following.follow(made.model, wanted, made.recorded_at, ledger)
    ledger.record_decision(
        Decision(
            model=made.model, kind="roll_back", subject=made.version, outcome=FOLLOWED, reason=followed.sentence,
            actor=made.actor, detail=followed.model_dump_json(),
        )
    )  # fmt: skip
    log.info("%s v%s: %s", made.model, made.version, followed.sentence)


def last_followed(model: str, ledger: Ledger) -> Followed | None:
    """How the replicas followed the newest rollback; None where there was none."""
    found = _followed(model, ledger)
    return Followed.model_validate_json(found[-1].detail) if found else None


def _followed(model: str, ledger: Ledger) -> list[Decision]:
    return [one for one in ledger.decisions(model, kind="roll_back") if one.outcome == FOLLOWED]


def _is_followed(champion: Deployment, ledger: Ledger) -> bool:
    """Whether the champion came by no rollback, or by one whose replicas were waited for."""
    told = _followed(champion.model, ledger)
    return champion.action != "roll_back" or any(one.recorded_at >= champion.recorded_at for one in told)


def _check_there(model: str, version: str) -> None:
    """NotFound where the registry has lost the version. A registry that does not answer stops no rollback."""
    try:
        registry.version(model, version)
    except Outage as problem:
        log.warning("The registry does not answer, and v%s is restored all the same: %s", version, problem)


def _restored(champion: Deployment, by: By, since: datetime | None, ledger: Ledger) -> str | None:
    """The version this rollback has restored already: it is finished, and not taken one step further."""
    asked = since is not None and champion.recorded_at >= since
    done = champion.action == "roll_back" and asked and champion.actor == by.actor
    return champion.version if done or _is_cut_off(champion, ledger) else None


def _is_cut_off(champion: Deployment, ledger: Ledger) -> bool:
    """Whether it came by a rollback whose replicas were not waited for, or which the registry does not follow."""
    return champion.action == "roll_back" and not (
        _is_followed(champion, ledger) and registry.aliased(champion.model, "champion") == champion.version
    )


def _named(former: dict[str, Deployment], champion: Deployment) -> str:
    return ", ".join(f"v{number}" for number in former if number != champion.version) or "none"
