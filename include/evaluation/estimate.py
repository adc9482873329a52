"""A measured value with its interval."""

import math

from include.spec.contract import Measured


class Estimate(Measured):
    """A value and how sure it is; NaN where it is not defined."""

    value: float
    lower: float = math.nan
    upper: float = math.nan


class Difference(Measured):
    """The challenger's improvement over the champion, positive where it is better, with an interval by blocks.

    `lower` and `upper` are one-sided bounds, each at the confidence asked for; infinite where one block alone holds
    what the metric needs, NaN where it is not defined. `blocks` counts the blocks that have rows; they are worth
    `effective_blocks` independent ones, so that `standard_error` has `effective_blocks` - 1 degrees of freedom.
    """

    observed: float
    lower: float
    upper: float
    standard_error: float
    blocks: int
    effective_blocks: float
