"""The paired comparison of two mean losses on the same rows, each row for itself."""

import numpy as np
from scipy import stats

from include.evaluation.estimate import Difference
from include.evaluation.means import losses
from include.features.matrix import Floats
from include.spec.metrics import GREATER_IS_BETTER, Metric


def paired_t(metric: Metric, target: Floats, challenger: Floats, champion: Floats, confidence: float) -> Difference:
    """The improvement of a metric that is a mean, with Student's bounds, each at `confidence`. Its blocks are the rows.

    The paired t-test on each row's loss, such as the absolute residual; over time it is the test of Diebold & Mariano
    (1995) for forecasts one step ahead. Rows count as independent: where the rows of a day move together, the bounds
    are too narrow.
    """
    sign = 1 if GREATER_IS_BETTER[metric] else -1
    gained = sign * (losses(metric, target, challenger) - losses(metric, target, champion))
    rows, observed = len(gained), float(gained.mean())
    error = float(gained.std(ddof=1) / np.sqrt(rows)) if rows > 1 else float("inf")
    reach = float(stats.t.ppf(confidence, max(rows - 1, 1))) * error
    return Difference(
        observed=observed,
        lower=observed - reach,
        upper=observed + reach,
        standard_error=error,
        blocks=rows,
        effective_blocks=rows,
    )
