"""Will the flight arrive more than 15 minutes late? Boosted trees on the schedule, the plane and the weather."""

from collections.abc import Mapping
from typing import Any

from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OrdinalEncoder

CATEGORIES = ["carrier", "origin", "dest", "engine"]


def build_pipeline(params: Mapping[str, Any]) -> Pipeline:
    """An unfitted pipeline; `params` are the estimator's, `random_state` among them.

    Numbers go to the trees as they are; every other column is encoded. A category that training never saw counts as
    missing, and missing values have their own branch in every tree. Early stopping is off: it would hold out rows at
    random, and the rows here come in time order.
    """
    encoder = OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=float("nan"), encoded_missing_value=float("nan")
    )
    columns = ColumnTransformer([("categories", encoder, CATEGORIES)], remainder="passthrough")
    trees = HistGradientBoostingClassifier(early_stopping=False, **params)
    return Pipeline([("columns", columns), ("trees", trees)])
