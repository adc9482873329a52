"""Round trip: whether the stored model answers as the fitted one did before it was stored."""

from include.features.matrix import Floats
from include.registry.manifest import Manifest, predictions_hash
from include.spec.contract import Measured


class RoundTrip(Measured):
    """The hash of the answers on the held-out rows: of the process that fitted, and of the file that was loaded."""

    rows: int
    fitted: str
    stored: str


def measure_round_trip(made: Manifest, said: Floats) -> RoundTrip:
    """Compares what the loaded file says about the held-out rows with what the manifest has on record."""
    return RoundTrip(rows=len(said), fitted=made.predictions_hash, stored=predictions_hash(said))
