"""Registration: what the gates of a run come to, as a version in the registry or as a refusal on record."""

from dataclasses import dataclass
from typing import NoReturn

from include.card import publish
from include.card.rulings import Ruling, accepted_because, rulings
from include.errors import NothingToDo
from include.lake import layout
from include.lake.store import Store
from include.ledger import Decision, Ledger
from include.registry import registry, runs
from include.registry.registry import Version
from include.release.repetition import repeats
from include.spec import ModelSpec
from include.training.data import require_kept


@dataclass(frozen=True)
class Registered:
    """A challenger that was let on: its version, the gates behind it and where its card lies in the lake."""

    version: Version
    rulings: tuple[Ruling, ...]
    card: str

    @property
    def sentence(self) -> str:
        """What it passed, and what was overridden by whom."""
        return accepted_because(self.rulings)


def register(spec: ModelSpec, run_id: str, store: Store, ledger: Ledger) -> Registered:
    """Registers the run's model if every gate passed or was overridden, else records the refusal and raises it.

    A gate without a decision refuses, and what was rolled back is refused whatever the gates say. Either way the card
    is written. The same run again is the same version. NotFound where the data it stands on was removed since.
    """
    found = rulings(spec, run_id, ledger)
    if not all(one.accepted for one in found):
        refused = [one.words for one in found if not one.accepted]
        _refuse(spec, run_id, "; ".join(refused), f"by {len(refused)} of {len(found)} gates: ", store, ledger)
    kept = runs.snapshots(run_id)
    require_kept((kept.training, kept.held_out), ledger)
    made = runs.manifest(run_id)
    if again := repeats(made, ledger):
        _refuse(spec, run_id, again, "although its gates passed: ", store, ledger)
    version = registry.register(spec.name, run_id, made.model_uri, made.model_hash)
    card = publish.publish(spec, run_id, version.version, store, ledger)
    reason = f"{accepted_because(found)} (run {run_id})"
    _record(spec.name, version.version, "registered", reason, card, ledger)
    return Registered(version, found, card)


def _refuse(spec: ModelSpec, run_id: str, reason: str, told: str, store: Store, ledger: Ledger) -> NoReturn:
    card = layout.card(spec.name, run_id)
    _record(spec.name, run_id, "refused", reason, card, ledger)
    publish.publish(spec, run_id, None, store, ledger)
    raise NothingToDo(f"{spec.name} run {run_id[:8]} is refused {told}{reason}", card)


def _record(model: str, subject: str, outcome: str, reason: str, place: str, ledger: Ledger) -> None:
    ledger.record_decision(
        Decision(
            model=model, kind="registration", subject=subject, outcome=outcome, reason=reason,
            actor="gates", evidence=place,
        ),
        once=True,
    )  # fmt: skip
