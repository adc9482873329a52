"""A trial is scored as the whole pipeline would be, with the preprocessing done once for all that share it."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from include.errors import NotFound
from include.spec import ModelSpec
from include.training.fold_rows import fold_rows
from include.training.predictions import predict
from include.training.rows import LabelledRows
from tests.declared import spec

MODEL = spec(features={"numeric": ["bus"]}, training={"held_out_days": 4}, label_delay_days=1)
FITS: list[int] = []


class Counted(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Moves numbers, and counts how often it was fitted."""

    def __init__(self, by: float = 0.0) -> None:
        self.by = by

    def fit(self, features: pd.DataFrame, target: object = None) -> "Counted":
        FITS.append(len(features))
        return self

    def transform(self, features: pd.DataFrame) -> pd.DataFrame:
        return features + self.by


def rows(days: int = 20, each: int = 10) -> LabelledRows:
    random = np.random.default_rng(5)
    bus = random.normal(size=days * each)
    target = (bus + random.normal(size=days * each) > 0).astype(float)
    start = np.datetime64("2013-01-01")
    return LabelledRows(pd.DataFrame({"bus": bus}), target, np.repeat(start + np.arange(days), each), 0)


def pipeline(by: float = 0.0, **parameters: float) -> Pipeline:
    steps = [("moved", Counted(by)), ("scaled", StandardScaler()), ("line", LogisticRegression(**parameters))]
    return Pipeline(steps)


def by_hand(model: ModelSpec, made: Pipeline, fit: slice, validation: slice) -> np.ndarray:
    whole = rows()
    fitted = made.fit(whole.features.iloc[fit], whole.target[fit])
    return predict(model, fitted, whole.features.iloc[validation])


def test_a_fold_scores_what_the_whole_pipeline_says_after_the_gap() -> None:
    first, second = fold_rows(MODEL, 2, rows())
    # 20 days of 10 rows: fit 1-11, gap 12, validation 13-16; fit 1-15, gap 16, validation 17-20
    assert np.array_equal(first.target, rows().target[120:160])
    assert np.array_equal(second.target, rows().target[160:])
    for made in (pipeline, lambda: Pipeline([("line", LogisticRegression())])):
        assert np.array_equal(first.predictions(made()), by_hand(MODEL, made(), slice(0, 110), slice(120, 160)))
        assert np.array_equal(second.predictions(made()), by_hand(MODEL, made(), slice(0, 150), slice(160, 200)))


def test_trials_that_differ_in_the_estimator_alone_share_the_preprocessing() -> None:
    fold, _ = fold_rows(MODEL, 2, rows())
    FITS.clear()
    first, second = fold.predictions(pipeline(C=1.0)), fold.predictions(pipeline(C=0.01))
    assert FITS == [110]
    assert not np.array_equal(first, second)
    assert np.array_equal(second, by_hand(MODEL, pipeline(C=0.01), slice(0, 110), slice(120, 160)))


def test_trials_that_differ_in_a_step_before_it_do_not() -> None:
    fold, _ = fold_rows(MODEL, 2, rows())
    FITS.clear()
    for by in (0.0, 1.0, 1.0, 0.0):
        fold.predictions(pipeline(by))
    assert FITS == [110] * 3


def test_the_pipeline_itself_stays_unfitted() -> None:
    fold, _ = fold_rows(MODEL, 2, rows())
    made = pipeline()
    fold.predictions(made)
    assert not hasattr(made[-1], "coef_")


def test_a_hole_where_a_fold_needs_rows_is_named() -> None:
    whole = rows()
    kept = (whole.days < np.datetime64("2013-01-12")) | (whole.days > np.datetime64("2013-01-16"))
    holed = LabelledRows(whole.features[kept], whole.target[kept], whole.days[kept], 0)
    with pytest.raises(
        NotFound, match="There is no labelled row from 2013-01-13 to 2013-01-16, which the search needs"
    ):
        fold_rows(MODEL, 2, holed)
