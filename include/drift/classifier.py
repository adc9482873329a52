"""The joint distribution: can a classifier tell the current window from the reference, better than it tells two windows
of the reference apart?

What moves together and not alone is seen by no single column. The test is the classifier two-sample test (Lopez-Paz &
Oquab, Revisiting Classifier Two-Sample Tests, ICLR 2017), with days as blocks: folds are of whole days, and what counts
as usual is how well the reference's own windows are told from its other days.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_numeric_dtype
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from include.lake.cells import Floats
from include.spec.contract import Measured

FOLDS = 3
MOST_WINDOWS = 10  # of the reference, that are tried; with nine or more `chance` can reach a tenth
MOST_CATEGORIES = 100
NAMED = 3

Mask = NDArray[np.bool_]


class Multivariate(Measured):
    """How well the current window is told from the reference, in AUC: 0.5 not at all, 1 every row.

    `usual` is the highest AUC of the reference's own windows, `chance` the share of all windows, the current one among
    them, that are told as well. `drivers` lose the most AUC when their values are shuffled, by how much.
    """

    auc: float
    usual: float
    chance: float
    windows: int
    drivers: dict[str, float]

    @property
    def unusual(self) -> bool:
        """Whether the current window is told better than any of the reference's own."""
        return self.windows > 0 and self.auc > self.usual

    @property
    def sentence(self) -> str:
        """What was found, and the features behind it."""
        told = f"a classifier tells the window from its reference with AUC {self.auc:.2f}"
        named = ", ".join(f"{name} ({lost:.2f})" for name, lost in self.drivers.items())
        if not self.unusual:
            return f"{told}, its own windows with up to {self.usual:.2f}: nothing unusual"
        return f"{told}, its own windows with at most {self.usual:.2f}; by {named or 'no feature alone'}"


def tell_apart(
    reference: pd.DataFrame, reference_days: Sequence[str], current: pd.DataFrame, current_days: Sequence[str]
) -> Multivariate | None:
    """The test on samples of rows with the same columns, each with its day. None where a window has too few days.

    As many rows of the current window are taken as its days have in the reference's sample: what is compared must have
    been learnt from as much.
    """
    before, now = np.asarray(reference_days), np.asarray(current_days)
    days, length = np.unique(before), len(np.unique(now))
    if length < FOLDS or len(days) < length + FOLDS:
        return None
    random = np.random.default_rng(0)
    most = min(len(now), round(len(before) * length / len(days)))
    taken = np.sort(random.choice(len(now), most, replace=False))
    rows = _numbers(pd.concat([reference, current.iloc[taken]], ignore_index=True))
    with threadpool_limits(1):  # a few thousand rows: more threads wait for each other
        return _compared(rows, before, np.concatenate([before, now[taken]]), days, length)


def _compared(
    rows: pd.DataFrame, before: NDArray[np.str_], every: NDArray[np.str_], days: NDArray[np.str_], length: int
) -> Multivariate:
    """Rows of the reference, then those of the current window; `before` and `every` are their days."""
    old = len(before)
    is_current = np.arange(len(rows)) >= old
    learnt = _learnt(rows, is_current, every)
    auc = _auc(learnt, rows, is_current)
    usual = [_auc(_learnt(rows[:old], one, before), rows[:old], one) for one in _windows(before, days, length)]
    return Multivariate(
        auc=auc,
        usual=max(usual, default=0.5),
        chance=(1 + sum(one >= auc for one in usual)) / (1 + len(usual)),
        windows=len(usual),
        drivers=_drivers(learnt, rows, is_current, auc),
    )


def _windows(keys: NDArray[np.str_], days: NDArray[np.str_], length: int) -> Iterator[Mask]:
    """Windows of the reference that do not overlap, at most so many, spread over it."""
    starts = np.arange(0, len(days) - length + 1, length)
    for start in starts[np.unique(np.linspace(0, len(starts) - 1, MOST_WINDOWS).astype(int))]:
        yield np.isin(keys, days[start : start + length])


def _learnt(rows: pd.DataFrame, label: Mask, days: NDArray[np.str_]) -> list[tuple[Mask, Any]]:
    """For each fold its rows, and a classifier that has not seen them."""
    fold = _folds(days, label)
    return [
        (
            fold == number,
            HistGradientBoostingClassifier(max_iter=40, learning_rate=0.2, max_leaf_nodes=8, random_state=0).fit(
                rows[fold != number], label[fold != number]
            ),
        )
        for number in range(FOLDS)
    ]


def _auc(learnt: list[tuple[Mask, Any]], rows: pd.DataFrame, label: Mask) -> float:
    """Of all rows, each scored by the classifier that has not seen its day."""
    scores = np.zeros(len(rows))
    for place, model in learnt:
        scores[place] = model.predict_proba(rows[place])[:, 1]
    return float(roc_auc_score(label, scores))


def _drivers(learnt: list[tuple[Mask, Any]], rows: pd.DataFrame, label: Mask, auc: float) -> dict[str, float]:
    """The features whose values, shuffled, cost the most AUC (Breiman, Random Forests, 2001, section 10)."""
    random = np.random.default_rng(0)
    lost = {
        name: auc - _auc(learnt, rows.assign(**{name: random.permutation(rows[name].to_numpy())}), label)
        for name in rows.columns
    }
    return {name: lost[name] for name in sorted(lost, key=lambda name: -lost[name])[:NAMED] if lost[name] > 0}


def _folds(days: NDArray[np.str_], label: Mask) -> NDArray[np.int64]:
    """The fold of each row: whole days, those of either window dealt out in turns."""
    fold = np.zeros(len(days), np.int64)
    for one in (label, ~label):
        fold[one] = np.unique(days[one], return_inverse=True)[1] % FOLDS
    return fold


def _numbers(rows: pd.DataFrame) -> pd.DataFrame:
    """Every column as numbers: categories by how common they are, the rare ones together; NaN where missing."""
    return pd.DataFrame({str(name): _number(rows[name]) for name in rows.columns})


def _number(column: "pd.Series[float]") -> Floats:
    if is_numeric_dtype(column):
        return np.array(column, np.float64)
    ranks = {name: rank for rank, name in enumerate(column.value_counts().index[:MOST_CATEGORIES])}
    found = np.array(column.astype(object).map(ranks), np.float64)
    found[np.isnan(found) & column.notna().to_numpy()] = MOST_CATEGORIES
    return found
