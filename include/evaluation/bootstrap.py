"""How sure a difference is: a paired bootstrap over whole days, because the rows of one day move together."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from include.evaluation.metrics import improvement, measure
from include.features.matrix import Floats
from include.spec.metrics import Metric

RESAMPLES = 1000


@dataclass(frozen=True)
class Difference:
    """The challenger's improvement over the champion with a two-sided interval at level 2 * confidence - 1.

    `lower` is thus a one-sided bound at `confidence`. NaN where the metric is not defined on the rows.
    """

    observed: float
    lower: float
    upper: float
    blocks: int


def paired_difference(
    metric: Metric,
    target: Floats,
    challenger: Floats,
    champion: Floats,
    blocks: npt.NDArray[np.integer],
    confidence: float,
    seed: int,
    resamples: int = RESAMPLES,
) -> Difference:
    """Improvement on the same rows, resampling whole blocks with replacement (percentile interval).

    `blocks` holds each row's block number, 0 .. k-1. Block bootstrap: Efron & Tibshirani, An Introduction to the
    Bootstrap (1993), sections 8.5 and 13.3; the pairing keeps both models on the same resampled rows.
    """
    if not len(blocks):
        return Difference(np.nan, np.nan, np.nan, 0)
    count = int(blocks.max()) + 1
    observed = improvement(metric, measure(metric, target, challenger), measure(metric, target, champion))
    draws = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=resamples)
    differences = np.empty(resamples)
    for number, drawn in enumerate(draws):
        weights = drawn[blocks].astype(np.float64)
        differences[number] = improvement(
            metric, measure(metric, target, challenger, weights), measure(metric, target, champion, weights)
        )
    known = differences[~np.isnan(differences)]
    lower, upper = np.quantile(known, [1 - confidence, confidence]) if len(known) else (np.nan, np.nan)
    return Difference(observed, float(lower), float(upper), count)
