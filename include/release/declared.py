"""What was declared when a version was promoted, so that a rollback restores it together with the model.

The reference profile moves with the champion's run, and the features with its manifest. Thresholds, windows and the
target are in model.yaml, which has moved on since: they are kept beside the version's evidence and hold again from the
rollback until the next promotion.
"""

from include.errors import NotFound
from include.evaluation.evidence import folder
from include.lake.store import Store
from include.ledger import Ledger
from include.registry import registry
from include.spec import ModelSpec

MOVED = ("task", "target", "label_delay_days", "features", "monitoring")


def keep(spec: ModelSpec, run_id: str, store: Store) -> None:
    """Stores the declaration beside the evidence of the run."""
    store.write_bytes(_place(spec.name, run_id), spec.model_dump_json().encode())


def in_force(spec: ModelSpec, store: Store, ledger: Ledger) -> ModelSpec:
    """The declaration that holds for the present champion: after a rollback that of its own promotion.

    Alerts, owner and contract stay today's: who is told and what the data promises did not move back.
    """
    champion = ledger.champion(spec.name)
    if champion is None or champion.action != "roll_back":
        return spec
    place = _place(spec.name, registry.version(spec.name, champion.version).run_id)
    try:
        kept = ModelSpec.model_validate_json(store.read_bytes(place))
    except NotFound:  # promoted before declarations were kept
        return spec
    return spec.model_copy(update={name: getattr(kept, name) for name in MOVED})


def _place(model: str, run_id: str) -> str:
    return f"{folder(model, run_id)}/declared.json"
