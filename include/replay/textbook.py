"""The rule of textbooks and tutorials, to compare with: any feature with PSI above 0.2, or KS with p below 0.05."""

import math

import numpy as np
from scipy.special import kolmogorov

from include.drift import Tier
from include.lake.distance import largest_gap, shares_of
from include.lake.profile import ColumnProfile, NumericProfile, Profile

PSI, P_VALUE = 0.2, 0.05


def tier(reference: Profile, current: Profile, names: tuple[str, ...]) -> Tier:
    """`alert` where a feature drifts by the rule, otherwise `ok`. Rows are taken for independent."""
    columns = ((reference.columns[name], current.columns.get(name)) for name in names)
    return "alert" if any(now is None or _drifts(before, now) for before, now in columns) else "ok"


def _drifts(before: ColumnProfile, now: ColumnProfile) -> bool:
    if _psi(before, now) > PSI:
        return True
    if not isinstance(before, NumericProfile) or not isinstance(now, NumericProfile):
        return False
    rows = before.count * now.count / max(before.count + now.count, 1)
    return float(kolmogorov(math.sqrt(rows) * largest_gap(before, now))) < P_VALUE


def _psi(before: ColumnProfile, now: ColumnProfile) -> float:
    q, p = ((counts + 0.5) / (counts + 0.5).sum() for counts in shares_of(before, now))
    return float(np.sum((p - q) * np.log(p / q)))
