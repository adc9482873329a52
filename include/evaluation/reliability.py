"""How far yes-or-no forecasts can be believed: what they said against what came true, in bins of equal size."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Self

import numpy as np
from scipy import stats

from include.evaluation.blocks import Cells
from include.evaluation.coded import Coded, Codes
from include.evaluation.estimate import Estimate
from include.evaluation.means import Statistic, ratio
from include.features.matrix import Floats
from include.spec.contract import Measured

BINS = 15  # as in Guo et al. (2017) and Kumar et al. (2019)


class Bin(Measured):
    """Forecasts of about the same height: how many, their mean, and the share that came true."""

    rows: int
    predicted: float
    observed: Estimate


class BrierParts(Measured):
    """The Brier score and what it is made of: score = reliability - resolution + uncertainty + within.

    `reliability` is what miscalibration costs, `resolution` what telling rows apart gains, `uncertainty` what the mean
    alone would score (Murphy, A New Vector Partition of the Probability Score, 1973). `within` is 0 where the
    forecasts of a bin are equal, as Murphy has it, and otherwise the variance and covariance inside the bins that he
    leaves out (Stephenson, Coelho & Jolliffe, Two Extra Components in the Brier Score Decomposition, 2008).
    """

    score: float
    reliability: float
    resolution: float
    uncertainty: float
    within: float

    @classmethod
    def total(cls, parts: Sequence[Self]) -> Self:
        """The sums over several forecasts of the same rows: of every class, this is the Brier score of them all."""
        return cls(**{name: sum(getattr(one, name) for one in parts) for name in cls.model_fields})


@dataclass(frozen=True)
class Binned:
    """Forecasts summed by bin and block, as (bins, blocks): rows, forecasts, outcomes; and their squared errors."""

    rows: Floats
    forecasts: Floats
    outcomes: Floats
    squares: float

    @classmethod
    def of(cls, forecast: Floats, outcome: Floats, blocks: Codes, bins: int = BINS) -> Self:
        """The sums over rows with these block numbers, 0 .. k-1. Forecasts are finite, outcomes 0 or 1."""
        codes = equal_mass(forecast, bins)
        cells = Cells.of(blocks, Coded(codes, tuple(map(str, range(int(codes.max()) + 1)))))
        squares = float(np.square(forecast - outcome).sum())
        return cls(cells.totals(), cells.totals(forecast), cells.totals(outcome), squares)

    def squared_error(self) -> Statistic:
        """The squared calibration error as a function of how often each block is drawn: see `_squared_error`."""
        return partial(_squared_error, self.rows, self.forecasts - self.outcomes)

    def plain_error(self) -> float:
        """The expected calibration error as most people report it: mean distance of predicted and observed.

        It is too large: where forecasts are right, chance still parts the two in every bin, and a distance has no
        sign by which that could cancel. Of 1,000 rows in 15 bins it adds about 0.04.
        """
        return float(np.abs((self.forecasts - self.outcomes).sum(axis=1)).sum() / self.rows.sum())

    def brier(self) -> BrierParts:
        """The Brier score of the forecasts and its parts."""
        rows, total = self.rows.sum(axis=1), self.rows.sum()
        said, came = self.forecasts.sum(axis=1) / rows, self.outcomes.sum(axis=1) / rows
        share = self.outcomes.sum() / total
        reliability, resolution = rows @ (said - came) ** 2 / total, rows @ (came - share) ** 2 / total
        uncertainty, score = share * (1 - share), self.squares / total
        return BrierParts(
            score=score,
            reliability=reliability,
            resolution=resolution,
            uncertainty=uncertainty,
            within=score - (reliability - resolution + uncertainty),
        )

    def curve(self, confidence: float) -> Iterator[Bin]:
        """The reliability curve, lowest forecasts first; bounds are one-sided at `confidence` each."""
        for rows, forecasts, outcomes in zip(self.rows, self.forecasts, self.outcomes, strict=True):
            predicted, observed = float(forecasts.sum() / rows.sum()), wilson(outcomes, rows, confidence)
            yield Bin(rows=int(rows.sum()), predicted=predicted, observed=observed)


def equal_mass(forecast: Floats, bins: int = BINS) -> Codes:
    """Each forecast's bin, 0 .. k-1, in ascending order and with about as many rows in each; no bin is empty.

    Equal forecasts are never parted: which bin they fall into would depend on the order of rows. A forecast so common
    that it takes up several bins gets one of its own, so that the rare ones beside it do not hide in it.
    """
    ranks = np.arange(1, bins) * len(forecast) // bins
    edges, times = np.unique(np.partition(forecast, ranks)[ranks], return_counts=True)
    behind = np.nextafter(edges[times > 1], np.inf)
    codes = np.searchsorted(np.union1d(edges, behind), forecast, side="right")
    used = np.cumsum(np.bincount(codes) > 0) - 1
    return used[codes].astype(np.int32)


def wilson(successes: Floats, rows: Floats, confidence: float) -> Estimate:
    """A share from its sums by block, with Wilson's bounds at the effective number of rows.

    Rows of one day move together, so that they tell less than as many independent ones: their number is divided by
    the design effect, and by what few blocks leave open about it (Korn & Graubard, Confidence Intervals for
    Proportions With Small Expected Number of Positive Counts, 1998; Wilson, 1927). NaN bounds with a single block.
    """
    number, blocks = rows.sum(), np.count_nonzero(rows)
    share = float(successes.sum() / number)
    if blocks < 2:  # noqa: PLR2004 - one block says nothing of how blocks differ
        return Estimate(value=share)
    spread = blocks / (blocks - 1) * float(np.square(successes - share * rows).sum()) / number
    effect = max(1.0, spread / (share * (1 - share))) if 0 < share < 1 else 1.0
    normal, student = stats.norm.ppf(confidence), stats.t.ppf(confidence, blocks - 1)
    effective = number / effect * (normal / student) ** 2
    middle = (share + normal**2 / (2 * effective)) / (1 + normal**2 / effective)
    half = np.sqrt(share * (1 - share) / effective + (normal / (2 * effective)) ** 2)
    reach = float(normal * half / (1 + normal**2 / effective))
    return Estimate(value=share, lower=float(middle - reach), upper=float(middle + reach))


def _squared_error(rows: Floats, apart: Floats, drawn: Floats) -> Floats:
    """The mean over bins of (mean forecast - share that came true) squared, less what chance adds to it.

    Kumar, Liang & Ma, Verified Uncertainty Calibration (2019), section 5, subtract from each bin's square its variance
    under independent rows, y (1 - y) / (n - 1). That is the mean product of two different rows' errors. Here it is the
    product of rows of two different blocks: with a block per row it is their estimator, with a block per day it is
    not fooled by a day on which everything was late. It is unbiased, and so negative about half the time where
    forecasts are right. NaN where every bin has the rows of one block alone.
    """
    pairs = (drawn @ rows.T) ** 2 - drawn**2 @ (rows**2).T
    products = (drawn @ apart.T) ** 2 - drawn**2 @ (apart**2).T
    squares = ratio(products, pairs)
    weights = np.where(np.isnan(squares), 0, drawn @ rows.T)
    return ratio(np.nansum(weights * squares, axis=1), weights.sum(axis=1))
