"""What the product asks of lake and ledger, and its answers."""

from collections.abc import Callable, Mapping

from benchmarks.scaling.world import CONTRACT, MODEL, UNJUDGED, WINDOW, World
from include.contract import admission
from include.contract.situation import situation
from include.evaluation.reference import window_profile
from include.lake import Snapshot, landed
from include.monitoring.watch import scored


def questions(world: World) -> Mapping[str, Callable[[], object]]:
    """Each question by name."""
    store, ledger, keys = world.store, world.ledger, world.keys
    first, last = keys[-UNJUDGED - WINDOW], keys[-UNJUDGED - 1]

    def watch() -> object:
        predictions = ledger.predictions(MODEL.name, first, last)
        profile = window_profile(scored(MODEL, predictions, ledger), store)
        verdicts = ledger.newest_decisions(MODEL.name, "watch", last=last, most=MODEL.monitoring.of_windows)
        return profile.rows, [one.outcome for one in verdicts]

    return {
        "list the landing zone": lambda: [(part.key, len(part.files)) for part in landed(CONTRACT, store)],
        "reconcile it with the ledger": lambda: admission.find(CONTRACT, store, ledger),
        "snapshot": lambda: Snapshot.of(CONTRACT.dataset, ledger.admitted(CONTRACT.dataset)).id,
        "before one admission": lambda: situation(CONTRACT, keys[-1], store, ledger).types[0],
        "one day's watch": watch,
    }
