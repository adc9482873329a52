"""Round trip: whether the stored model answers as the fitted one did before it was stored."""

from include.features.matrix import Floats
from include.registry.manifest import Manifest, predictions_hash
from include.spec.contract import Measured


class RoundTrip(Measured):
    """The hash of the answers before (in the process that fitted, `fitted`) and after (`stored`), on the same rows.

    `problem` says why the two cannot be compared.
    """

    rows: int
    fitted: str
    stored: str
    problem: str | None = None


def measure_round_trip(made: Manifest, held_out_snapshot: str, said: Floats) -> RoundTrip:
    """Compares what the loaded file says about the held-out rows with the manifest."""
    found = RoundTrip(rows=len(said), fitted=made.predictions_hash, stored=predictions_hash(said))
    if held_out_snapshot == made.held_out_snapshot:
        return found
    problem = (
        f"the held-out partitions changed after the fit (snapshot {made.held_out_snapshot[:12]}, now "
        f"{held_out_snapshot[:12]}): fit again"
    )
    return found.model_copy(update={"problem": problem})
