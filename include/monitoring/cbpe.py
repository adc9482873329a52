"""What a metric of probabilities comes to on average, where each row comes true as often as its probability says.

Confidence-based performance estimation, as in NannyML (https://nannyml.readthedocs.io, "How it works: performance
estimation"; Kivimäki et al., Confidence-based Estimators for Predictive Performance in Model Monitoring, 2025): the
expectation of the metric over labels that were not seen. It holds where the probabilities do.
"""

import numpy as np

from include.evaluation.means import losses, ratio
from include.evaluation.metrics import measure
from include.features.matrix import Floats
from include.spec.metrics import Metric
from include.training.recalibration import AS_IT_IS, BEND, FIT, Curve

SIGMOID = "sigmoid"
DRAWS = 100  # a standard deviation of so many is known to seven percent
MOST_ROWS = 5_000


def curves(said: Floats, target: Floats) -> tuple[Curve, ...]:
    """What bends probabilities to what came true: a line in log-odds, one per class of several."""
    columns = _columns(said)
    classes = range(len(columns)) if said.ndim > 1 else (1,)
    return tuple(_curve(column, target == one) for column, one in zip(columns, classes, strict=True))


def bent(by: tuple[Curve, ...], said: Floats) -> Floats:
    """Recalibrated probabilities in the shape of what was said; those of several classes sum to 1."""
    columns = [BEND[SIGMOID](curve, column) for curve, column in zip(by, _columns(said), strict=True)]
    if said.ndim == 1:
        return columns[0]
    whole: Floats = np.column_stack(columns)
    whole /= whole.sum(axis=1, keepdims=True)
    return whole


def expected(metric: Metric, said: Floats, chances: Floats) -> float:
    """The metric of what was said, to be expected where rows come true with these chances. NaN without rows."""
    if not len(said):
        return float("nan")
    if metric == "auc":
        return _area(said, chances)
    if metric == "average_precision":
        return _precision(said, chances)
    by_class = np.column_stack([1 - chances, chances]) if chances.ndim == 1 else chances
    each = (losses(metric, np.full(len(said), float(one)), said) for one in range(by_class.shape[1]))
    return float(sum(chance @ loss for chance, loss in zip(by_class.T, each, strict=True)) / len(said))


def scatter(metric: Metric, said: Floats, chances: Floats) -> float:
    """The standard deviation of the metric where nothing but the labels is left to chance; by seeded draws of them.

    It falls with the square root of the rows: of many rows a sample is drawn for.
    """
    rows, random = len(said), np.random.default_rng(0)
    chosen = random.choice(rows, min(rows, MOST_ROWS), replace=False)
    limits = np.cumsum(np.column_stack([1 - chances, chances]) if chances.ndim == 1 else chances, axis=1)[chosen]
    labels = (np.asarray((random.random((len(chosen), 1)) > limits[:, :-1]).sum(axis=1), float) for _ in range(DRAWS))
    found = np.array([measure(metric, one, said[chosen]) for one in labels])
    known = found[np.isfinite(found)]
    return float(known.std() * np.sqrt(len(chosen) / rows)) if len(known) else float("nan")


def _curve(said: Floats, came: Floats) -> Curve:
    is_class = np.asarray(came, dtype=np.bool_)
    found = FIT[SIGMOID](said, is_class) if is_class.any() and not is_class.all() else None
    return AS_IT_IS[SIGMOID] if found is None else found


def _columns(said: Floats) -> list[Floats]:
    return [said] if said.ndim == 1 else list(said.T)


def _area(said: Floats, chances: Floats) -> float:
    """Pairs expected to stand the right way round, of the pairs expected to differ. No row is paired with itself."""
    if said.ndim > 1:
        each = [_area(column, chance) for column, chance in zip(said.T, chances.T, strict=True)]
        known = [one for one in each if not np.isnan(one)]
        return float(np.mean(known)) if known else float("nan")
    order = np.argsort(said, kind="stable")
    yes, run = chances[order], _runs(said[order])
    no = np.bincount(run, 1 - yes)
    below = np.cumsum(no) - no / 2
    own = float(yes @ (1 - yes))
    pairs = float(yes.sum() * (1 - yes).sum()) - own
    return float(ratio(np.asarray(yes @ below[run] - own / 2), np.asarray(pairs)))


def _precision(said: Floats, chances: Floats) -> float:
    """The precision at each row, were it a yes, weighed by the chance that it is."""
    order = np.argsort(-said, kind="stable")
    yes, run = chances[order], _runs(-said[order])
    hits, rows = np.cumsum(np.bincount(run, yes))[run], np.cumsum(np.bincount(run))[run]
    return float(ratio(np.asarray(yes @ ((hits - yes + 1) / rows)), np.asarray(yes.sum())))


def _runs(ordered: Floats) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """The number of the run of equal values that each value is in."""
    return np.cumsum(np.append(0, np.diff(ordered) != 0)) if len(ordered) else np.empty(0, dtype=np.intp)
