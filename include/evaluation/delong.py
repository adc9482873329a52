"""DeLong's comparison of two AUCs on the same rows, each row for itself."""

import numpy as np
import numpy.typing as npt
from scipy import stats

from include.evaluation.estimate import Difference
from include.features.matrix import Floats

NAN = float("nan")


def delong(target: Floats, challenger: Floats, champion: Floats, confidence: float) -> Difference:
    """The improvement in AUC with normal bounds, each at `confidence`. Its blocks are the rows.

    DeLong, DeLong & Clarke-Pearson, Comparing the Areas under Two or More Correlated ROC Curves, Biometrics 44 (1988);
    the placements come from ranks, as in Sun & Xu, Fast Implementation of DeLong's Algorithm (2014). Rows count as
    independent: where the rows of a day move together, the bounds are too narrow.
    """
    positive = target == 1
    ours, theirs = _placements(positive, challenger), _placements(positive, champion)
    apart = [one - other for one, other in zip(ours, theirs, strict=True)]
    if not all(len(one) for one in apart):
        return Difference(observed=NAN, lower=NAN, upper=NAN, standard_error=NAN, blocks=0, effective_blocks=0)
    if any(len(one) == 1 for one in apart):
        error = float("inf")
    else:
        error = float(np.sqrt(sum(one.var(ddof=1) / len(one) for one in apart)))
    observed, reach = float(apart[0].mean()), float(stats.norm.ppf(confidence)) * error
    return Difference(
        observed=observed,
        lower=observed - reach,
        upper=observed + reach,
        standard_error=error,
        blocks=len(target),
        effective_blocks=len(target),
    )


def _placements(positive: npt.NDArray[np.bool_], score: Floats) -> tuple[Floats, Floats]:
    """For each positive row the share of negatives below it, for each negative the share of positives above it."""
    rank, yes = stats.rankdata(score), score[positive]
    no, negatives = score[~positive], len(score) - len(yes)
    of_positive = (rank[positive] - stats.rankdata(yes)) / max(negatives, 1)
    of_negative = 1 - (rank[~positive] - stats.rankdata(no)) / max(len(yes), 1)
    return of_positive, of_negative
