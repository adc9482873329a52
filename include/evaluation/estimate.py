"""A measured value with its interval."""

import math

from include.spec.contract import Measured


class Estimate(Measured):
    """A value and how sure it is; NaN where it is not defined."""

    value: float
    lower: float = math.nan
    upper: float = math.nan
