"""Rolling back: a former champion serves again, at once, with who, when and why on record."""

import logging

from include.errors import NotFound
from include.ledger import Decision, Deployment, Ledger
from include.ledger.champions import previous
from include.registry import registry
from include.release.promotion import follow_champion
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
    wanted = registry.version(spec.name, target)
    if target != champion.version:
        champion = ledger.record_deployment(
            spec.name, target, former[target].model_hash,
            expected=champion, action="roll_back", actor=actor, reason=reason,
        )  # fmt: skip
        ledger.record_decision(
            Decision(
                model=spec.name, kind="roll_back", subject=target, outcome="rolled_back", reason=reason, actor=actor
            )
        )
    follow_champion(wanted)
    log.info("Champion of %s is again v%s (by %s: %s)", spec.name, target, actor, reason)
    return champion


def _cut_off(champion: Deployment) -> str | None:
    """The version of a rollback the registry did not follow yet: it is finished, not taken one step further."""
    if champion.action == "roll_back" and registry.aliased(champion.model, "champion") != champion.version:
        return champion.version
    return None


def _named(former: dict[str, Deployment], champion: Deployment) -> str:
    return ", ".join(f"v{number}" for number in former if number != champion.version) or "none"
