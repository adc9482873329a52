"""DeLong agrees with its paper's data as SAS prints them, with placements by hand, and with the AUC itself."""

import math

import numpy as np
import pytest

from include.evaluation.delong import delong
from include.evaluation.metrics import measure
from include.features.matrix import Floats

# DeLong et al. (1988), the 43 patients of SAS/STAT, "Comparing Receiver Operating Characteristic Curves": albumin,
# total protein, K-G score (less is better), benefit.
TABLE = """
3.0 5.8 10 0  3.2 6.3 5 1  3.9 6.8 3 1  2.8 4.8 6 0  3.2 5.8 3 1  0.9 4.0 5 0  2.5 5.7 8 0  1.6 5.6 5 1  3.8 5.7 5 1
3.7 6.7  6 1  3.2 5.4 4 1  3.8 6.6 6 1  4.1 6.6 5 1  3.6 5.7 5 1  4.3 7.0 4 1  3.6 6.7 4 0  2.3 4.4 6 1  4.2 7.6 4 0
4.0 6.6  6 0  3.5 5.8 6 1  3.8 6.8 7 1  3.0 4.7 8 0  4.5 7.4 5 1  3.7 7.4 5 1  3.1 6.6 6 1  4.1 8.2 6 1  4.3 7.0 5 1
4.3 6.5  4 1  3.2 5.1 5 1  2.6 4.7 6 1  3.3 6.8 6 0  1.7 4.0 7 0  3.7 6.1 5 1  3.3 6.3 7 1  4.2 7.7 6 1  3.5 6.2 5 1
2.9 5.7  9 0  2.1 4.8 7 1  2.8 6.2 8 0  4.0 7.0 7 1  3.3 5.7 6 1  3.7 6.9 5 1  3.6 6.6 5 1
"""
PATIENTS = np.array([float(number) for number in TABLE.split()]).reshape(43, 4)
ALBUMIN, PROTEIN, SCORE, BENEFIT = PATIENTS[:, 0], PATIENTS[:, 1], 10 - PATIENTS[:, 2], PATIENTS[:, 3]


@pytest.mark.parametrize(
    ("screening", "difference", "error", "low", "high"),
    [(ALBUMIN, 0.0108, 0.0953, -0.1761, 0.1976), (PROTEIN, -0.0780, 0.1046, -0.2830, 0.1271)],
)
def test_it_is_what_sas_prints_for_the_data_of_the_paper(
    screening: Floats, difference: float, error: float, low: float, high: float
) -> None:
    """Each test against the K-G score, as estimated by the ROCCONTRAST statement."""
    found = delong(BENEFIT, screening, SCORE, 0.975)
    assert (found.observed, found.standard_error) == pytest.approx((difference, error), abs=5e-5)
    assert (found.lower, found.upper) == pytest.approx((low, high), abs=5e-5)
    assert found.blocks == 43


def by_hand(target: Floats, score: Floats) -> tuple[Floats, Floats]:
    """Every pair of a positive and a negative row."""
    yes, no = score[target == 1], score[target == 0]
    won = (yes[:, None] > no) + 0.5 * (yes[:, None] == no)
    return won.mean(axis=1), won.mean(axis=0)


@pytest.mark.parametrize("digits", [1, 6])
def test_it_is_what_all_pairs_say(digits: int) -> None:
    random = np.random.default_rng(3)
    target = (random.random(200) < 0.3).astype(np.float64)
    one, other = ((0.2 * target + random.random(200)).round(digits) for _ in range(2))
    found = delong(target, one, other, 0.95)
    apart = [a - b for a, b in zip(by_hand(target, one), by_hand(target, other), strict=True)]
    error = math.sqrt(sum(part.var(ddof=1) / len(part) for part in apart))
    assert found.standard_error == pytest.approx(error, rel=1e-12)
    assert found.observed == pytest.approx(measure("auc", target, one) - measure("auc", target, other), rel=1e-9)
    assert (found.lower, found.upper) == pytest.approx(
        (found.observed - 1.6448536 * error, found.observed + 1.6448536 * error)
    )


@pytest.mark.parametrize(("positives", "negatives"), [(1, 42), (42, 1), (1, 1), (2, 2)])
def test_the_difference_of_few_rows_of_a_class_is_what_all_pairs_say(positives: int, negatives: int) -> None:
    target = np.repeat([1.0, 0.0], [positives, negatives])
    one, other = (score[: len(target)] for score in (ALBUMIN, PROTEIN))
    found = delong(target, one, other, 0.95)
    apart = by_hand(target, one)[0] - by_hand(target, other)[0]
    assert found.observed == pytest.approx(apart.mean())
    assert (found.blocks, found.effective_blocks) == (len(target), len(target))
    assert math.isinf(found.standard_error) == (min(positives, negatives) == 1)


def test_a_model_ties_with_itself() -> None:
    found = delong(BENEFIT, ALBUMIN, ALBUMIN, 0.95)
    assert (found.observed, found.lower, found.upper, found.standard_error) == (0, 0, 0, 0)


def test_one_class_is_nan_and_one_row_of_a_class_has_no_bounds() -> None:
    for one_class in (0 * BENEFIT, 0 * BENEFIT + 1):
        nothing = delong(one_class, ALBUMIN, SCORE, 0.95)
        assert all(math.isnan(one) for one in (nothing.observed, nothing.lower, nothing.upper, nothing.standard_error))
        assert (nothing.blocks, nothing.effective_blocks) == (0, 0)
    single = np.zeros(43)
    single[4] = 1
    found = delong(single, ALBUMIN, SCORE, 0.95)
    assert math.isfinite(found.observed)
    assert (found.lower, found.upper) == (-math.inf, math.inf)
