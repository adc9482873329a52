"""From a fitted scikit-learn pipeline to a computation, where its parts are known; otherwise a reason why not.

What is read here are attributes of scikit-learn's own, some of them private. Whether they were understood is not
believed but measured: see `prepare`.
"""

import math
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import ElasticNet, Lasso, LinearRegression, LogisticRegression, Ridge
from sklearn.pipeline import Pipeline

from include.serving.compiling_columns import NotCompilable, columns_of, transformed
from include.serving.plan import Bend, Computation, Forest, Linear, Link, Tree
from include.spec import ModelSpec
from include.training.recalibration import Recalibrated

LINEAR = (LinearRegression, Ridge, Lasso, ElasticNet)
LINKS: dict[str, Link] = {
    "squared_error": "identity", "absolute_error": "identity", "quantile": "identity", "gamma": "exp", "poisson": "exp",
}  # fmt: skip


def computation(spec: ModelSpec, pipeline: Pipeline) -> Computation:
    """The pipeline as data. NotCompilable names the part that is not known."""
    *steps, (_, estimator) = pipeline.steps
    columns = columns_of(spec.features.names)
    for _, step in steps:
        columns = transformed(step, columns)
    bend = None
    if isinstance(estimator, Recalibrated):
        bend, estimator = _bend(estimator), estimator.classifier
    body, link = _body(estimator)
    classes = spec.target.classes if spec.task == "multiclass" else ()
    places = [int(one) for one in estimator.classes_] if classes else []
    return Computation([column for _, column in columns], body, link, bend, places, len(classes))


def _body(estimator: Any) -> tuple[Forest | Linear, Link]:
    if type(estimator) is HistGradientBoostingClassifier:
        return _forest(estimator), "logistic" if len(estimator.classes_) == 2 else "softmax"  # noqa: PLR2004
    if type(estimator) is HistGradientBoostingRegressor:
        return _forest(estimator), LINKS[estimator.loss]
    if type(estimator) is LogisticRegression:
        return _linear(estimator.intercept_, estimator.coef_), (
            "logistic" if len(estimator.classes_) == 2 else "softmax"  # noqa: PLR2004
        )
    if type(estimator) in LINEAR:
        return _linear(np.atleast_1d(estimator.intercept_), np.atleast_2d(estimator.coef_)), "identity"
    raise NotCompilable(f"{type(estimator).__name__} is no estimator that can be compiled")


def _linear(intercepts: Any, weights: Any) -> Linear:
    return Linear([float(one) for one in np.ravel(intercepts)], [[float(one) for one in row] for row in weights])


def _forest(estimator: Any) -> Forest:
    if getattr(estimator, "is_categorical_", None) is not None:
        raise NotCompilable(f"{type(estimator).__name__} splits on categories itself")
    rounds = estimator._predictors
    return Forest(
        [float(one) for one in np.ravel(estimator._baseline_prediction)],
        [[_tree(one[output].nodes) for one in rounds] for output in range(estimator.n_trees_per_iteration_)],
    )


def _tree(nodes: Any) -> Tree:
    leaf = nodes["is_leaf"].astype(bool)
    return Tree(
        feature=np.where(leaf, -1, nodes["feature_idx"]).tolist(),
        threshold=nodes["num_threshold"].tolist(),
        missing_left=nodes["missing_go_to_left"].astype(bool).tolist(),
        left=nodes["left"].tolist(),
        right=nodes["right"].tolist(),
        value=nodes["value"].tolist(),
    )


def _bend(step: Recalibrated) -> Bend:
    return Bend(
        "isotonic" if step.method == "isotonic" else "sigmoid",
        [np.atleast_2d(curve).tolist() for curve in step.curves_],
    )


def thresholds(made: Computation) -> dict[int, list[float]]:
    """For each feature the numbers at which some tree turns: where a wrong comparison would show."""
    found: dict[int, set[float]] = {}
    if isinstance(made.body, Forest):
        for tree in (tree for trees in made.body.trees for tree in trees):
            for place, limit in zip(tree.feature, tree.threshold, strict=True):
                if place >= 0 and math.isfinite(limit):
                    column = made.columns[place]
                    found.setdefault(column.source, set()).add(limit * column.scale + column.offset)
    return {source: sorted(limits) for source, limits in found.items()}
