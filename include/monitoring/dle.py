"""The error of a regression without labels: a second model says how large it is to be expected row by row.

Direct loss estimation, as in NannyML (https://nannyml.readthedocs.io, "How it works: performance estimation"): a model
of the loss, learnt on rows with labels from their features and what was said of them. It holds while the relation of
inputs and labels is what it was.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OrdinalEncoder
from threadpoolctl import threadpool_limits

from include.evaluation.estimate import Estimate
from include.evaluation.metrics import measure
from include.features.matrix import Floats
from include.monitoring.band import Band, Mask, band
from include.monitoring.outcomes import Outcomes, Said
from include.spec.metrics import Metric
from include.training.predictions import PREDICTION

FOLDS = 5
ROUNDS, LEAVES, LEAF_ROWS = 50, 15, 50  # a loss is noisy: a coarse model of it is a better one


@dataclass(frozen=True)
class OfErrors:
    """The estimate for a regression. `spread` is how far a row's loss lies from what is expected, as a share of it."""

    metric: Metric
    model: Pipeline
    spread: float
    band: Band

    @classmethod
    def learn(cls, metric: Metric, known: Outcomes) -> Self:
        """Learns the loss, and the band about what it promises for days that it did not learn from."""
        said, target, days = known.rows.said, known.target, known.rows.days
        rows, loss = _inputs(known.rows), losses(metric, target, said)
        folds = GroupKFold(min(FOLDS, len(np.unique(days.codes))))
        with threadpool_limits(1):  # threads that wait for each other cost more than such small trees
            unseen = np.maximum(cross_val_predict(_model(rows), rows, loss, groups=days.codes, cv=folds), 0)
            model = _model(rows).fit(rows, loss)
        spread = float(np.sqrt(np.mean((loss - unseen) ** 2) / np.mean(unseen**2)))

        def missed(chosen: Mask) -> float:
            return measure(metric, target[chosen], said[chosen]) - expected(metric, said[chosen], unseen[chosen])

        about = band(missed, days, scatter(metric, said, unseen, spread))
        return cls(metric, model, spread, about)

    def estimate(self, rows: Said, confidence: float) -> Estimate:
        """The metric these rows are to be expected at."""
        if not len(rows.said):
            return Estimate(value=float("nan"))
        with threadpool_limits(1):
            loss = np.maximum(self.model.predict(_inputs(rows)), 0)
        likely = scatter(self.metric, rows.said, loss, self.spread)
        return self.band.around(expected(self.metric, rows.said, loss), likely, confidence)


def losses(metric: Metric, target: Floats, said: Floats) -> Floats:
    """What is expected of each row: its absolute error where the metric is that, otherwise its squared error."""
    apart = np.abs(target - said)
    return apart if metric == "mae" else apart**2


def expected(metric: Metric, said: Floats, loss: Floats) -> float:
    """The metric from the loss expected of each row.

    R2 takes what was said for the mean of what comes, so that the target varies by both: what was said, and the error.
    """
    mean = float(loss.mean()) if len(loss) else float("nan")
    if metric == "r2":
        return float(said.var() / (said.var() + mean)) if len(loss) else mean
    return mean if metric == "mae" else float(np.sqrt(mean))


def scatter(metric: Metric, said: Floats, loss: Floats, spread: float) -> float:
    """How far the metric scatters where nothing but the labels is left to chance: by the slope of `expected`."""
    if not len(loss):
        return float("nan")
    mean, of_mean = float(loss.mean()), spread * float(np.sqrt(np.mean(loss**2) / len(loss)))
    if metric == "r2":
        return of_mean * float(said.var() / (said.var() + mean) ** 2)
    return of_mean if metric == "mae" else of_mean / (2 * float(np.sqrt(mean)))


def _inputs(rows: Said) -> pd.DataFrame:
    """The features, if there are any, with one more: what was said."""
    features = pd.DataFrame(index=range(len(rows.said))) if rows.inputs is None else rows.inputs
    return features.assign(**{PREDICTION: rows.said})


def _model(rows: pd.DataFrame) -> Pipeline:
    words = [name for name in rows.columns if rows[name].dtype == object]
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan, max_categories=200)
    columns = make_column_transformer((encoder, words), remainder="passthrough")
    trees = HistGradientBoostingRegressor(
        max_iter=ROUNDS, max_leaf_nodes=LEAVES, min_samples_leaf=LEAF_ROWS, early_stopping=False, random_state=0
    )
    return make_pipeline(columns, trees)
