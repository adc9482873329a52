"""Answers have one form per task, wherever they are made, stored or profiled."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from include.features.matrix import Floats
from include.lake.profile import CategoryProfile, NumericProfile
from include.spec import ModelSpec
from include.training import predictions
from include.training.predictions import predict
from tests.declared import contract, spec

BINARY = spec()
REGRESSION = spec(task="regression", target={"column": "late"})
NAMES = ["red", "blue", "night"]
LINES = spec(
    task="multiclass",
    target={"column": "line", "classes": NAMES},
    features={"numeric": ["bus"]},
    contract=contract(columns={"line": {"type": "string", "one_of": NAMES}}),
)
ROWS = pd.DataFrame({"bus": np.arange(12.0)})
SAID = np.array([[0.2, 0.5, 0.3], [0.4, 0.2, 0.4], [0.1, 0.2, 0.7]])


def fitted(target: Floats) -> Pipeline:
    return Pipeline([("line", LogisticRegression())]).fit(ROWS, target)


def test_a_binary_answer_is_the_probability_of_yes() -> None:
    said = predict(BINARY, fitted((ROWS["bus"] > 7).astype(float)), ROWS)
    assert said.shape == (12,)
    assert (said[0] < 0.1, said[-1] > 0.9, said.dtype) == (True, True, np.float64)


def test_a_regression_answer_is_the_number() -> None:
    pipeline = Pipeline([("mean", DummyRegressor())]).fit(ROWS, [5.0, 7.0] * 6)
    assert predict(REGRESSION, pipeline, ROWS.head(2)).tolist() == [6.0, 6.0]


def test_several_classes_get_a_column_each_in_the_order_they_are_declared() -> None:
    target = np.repeat([2.0, 0.0, 1.0], 4)
    said = predict(LINES, fitted(target), ROWS)
    assert said.shape == (12, 3)
    assert said.argmax(axis=1).tolist() == target.tolist()
    np.testing.assert_allclose(said.sum(axis=1), 1)


@pytest.mark.parametrize(("seen", "missing"), [((0.0, 2.0), 1), ((1.0, 2.0), 0), ((0.0, 1.0), 2)])
def test_a_class_that_training_never_saw_has_no_probability_and_the_others_keep_their_place(
    seen: tuple[float, float], missing: int
) -> None:
    target = np.where(ROWS["bus"] > 7, seen[1], seen[0])
    said = predict(LINES, fitted(target), ROWS)
    assert said[:, missing].tolist() == [0.0] * 12
    assert said.argmax(axis=1).tolist() == target.tolist()


def test_a_model_of_one_class_answers_for_all() -> None:
    pipeline = Pipeline([("line", DummyClassifier())]).fit(ROWS, np.ones(12))
    assert predict(LINES, pipeline, ROWS.head(1)).tolist() == [[0.0, 1.0, 0.0]]


@pytest.mark.parametrize("declared", [BINARY, REGRESSION])
def test_a_number_is_stored_as_one(declared: ModelSpec) -> None:
    stored = predictions.columns(declared, np.array([0.25, 0.5]))
    assert {name: column.to_pylist() for name, column in stored.items()} == {"prediction": [0.25, 0.5]}
    profile = predictions.profile(declared, np.array([0.25, 0.75]))
    assert isinstance(profile, NumericProfile)
    assert (profile.count, profile.mean) == (2, 0.5)


def test_of_several_classes_the_likeliest_is_stored_with_every_probability_and_of_equals_the_first() -> None:
    stored = pa.table(predictions.columns(LINES, SAID))
    assert stored["prediction"].to_pylist() == ["blue", "red", "night"]
    assert stored.column_names == ["prediction", "probability_red", "probability_blue", "probability_night"]
    assert stored["probability_night"].to_pylist() == [0.3, 0.4, 0.7]


def test_the_likeliest_class_is_watched_as_a_category() -> None:
    profile = predictions.profile(LINES, SAID[[0, 0, 2]])
    assert isinstance(profile, CategoryProfile)
    assert (profile.count, profile.counts) == (3, {"blue": 2, "night": 1})
