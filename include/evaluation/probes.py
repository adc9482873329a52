"""The probes of one evaluation: what they found, as stored in its summary."""

from include.evaluation.leakage import Leakage
from include.evaluation.resources import Resources
from include.evaluation.robustness import Robustness
from include.evaluation.round_trip import RoundTrip
from include.evaluation.window_data import WindowData
from include.spec.contract import Measured


class Probes(Measured):
    """One part per probe, None where it was not measured."""

    robustness: Robustness | None = None
    leakage: Leakage | None = None
    resources: Resources | None = None
    round_trip: RoundTrip | None = None
    window_data: WindowData | None = None
