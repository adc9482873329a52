"""The routing that holds now, from what the ledger says of champions and rollouts."""

from collections.abc import Sequence

from include.ledger import Deployment, Ledger, Rollout
from include.ledger.champions import line
from include.ledger.records import ENDED
from include.serving.routing import Mode, Routing, Slot

MODES: dict[str, Mode] = {"shadow": "shadow", "canary": "canary", "ab": "ab", "passed": "canary"}


def routing(model: str, ledger: Ledger) -> Routing:
    """How the model's requests are to be answered now. Sequence 0: nothing was ever promoted or tried."""
    return routed(model, *ledger.routed(model))


def routed(model: str, deployments: Sequence[Deployment], rollout: Rollout | None) -> Routing:
    """The same from the records. A challenger that became champion meanwhile is no challenger any more."""
    champion, fallback = _serving(deployments)
    challenger = _challenger(rollout, champion)
    given = rollout if challenger else None
    answer = rollout.answer if rollout else None
    mode: Mode = MODES.get(given.stage, "champion") if given else "champion"
    return Routing(
        model=model,
        sequence=(deployments[-1].sequence if deployments else 0) + (rollout.sequence if rollout else 0),
        mode="break_glass" if answer is not None else mode,
        champion=champion,
        challenger=challenger,
        fallback=fallback,
        share=given.share if given else 0.0,
        salt=str(given.salt) if given else "",
        answer=answer,
    )


def _serving(deployments: Sequence[Deployment]) -> tuple[Slot | None, Slot | None]:
    """The champion and the one before it."""
    hashes = {one.version: one.model_hash for one in deployments}
    versions = line(deployments)[-2:]
    slots = [Slot(version=version, model_hash=hashes[version]) for version in versions]
    return (slots[-1] if slots else None), (slots[-2] if len(slots) > 1 else None)


def _challenger(rollout: Rollout | None, champion: Slot | None) -> Slot | None:
    if rollout is None or rollout.version is None or rollout.stage in ENDED:
        return None
    slot = Slot(version=rollout.version, model_hash=str(rollout.model_hash))
    return None if slot == champion else slot
