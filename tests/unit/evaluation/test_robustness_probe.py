"""The robustness probe: what tiny pipelines make of spoilt inputs."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from include.evaluation.robustness import ROWS, Response, Robustness, measure_robustness
from include.evaluation.skill import constant
from include.features.matrix import Floats
from include.spec import ModelSpec
from tests.declared import contract, spec

COLUMNS: dict[str, Any] = {
    "temp": {"type": "float", "nullable": True},
    "wind": {"type": "float", "nullable": True},
    "line": {"type": "string"},
}
NUMBERS = ["temp", "wind"]
RANDOM = np.random.default_rng(4)
FRAME = pd.DataFrame(
    {
        "temp": RANDOM.normal(20, 5, 2000).clip(1),
        "wind": RANDOM.normal(5, 2, 2000),
        "line": RANDOM.choice(np.array(["red", "blue"], dtype=object), 2000),
    }
)
TARGET = (FRAME["temp"] + RANDOM.normal(0, 3, 2000) > 20).to_numpy(dtype=float)


def declared(metric: str = "auc", task: str = "binary") -> ModelSpec:
    above = {"above": 15} if task == "binary" else {}
    return spec(
        task=task,
        target={"column": "late", **above},
        contract=contract(columns=COLUMNS),
        features={"numeric": NUMBERS, "categorical": ["line"]},
        gates={"champion_comparison": {"metric": metric}},
    )


def columns(numbers: Any) -> ColumnTransformer:
    return ColumnTransformer(
        [("numbers", numbers, NUMBERS), ("words", OneHotEncoder(handle_unknown="ignore"), ["line"])]
    )


class Roots(BaseEstimator):
    """Says the square root of the only column, which a negative number has none of."""

    def fit(self, rows: pd.DataFrame, target: Floats) -> "Roots":
        self.fitted_ = True
        return self

    def predict(self, rows: pd.DataFrame) -> Floats:
        with np.errstate(invalid="ignore"):
            return np.sqrt(rows["temp"].to_numpy())


def sturdy() -> Pipeline:
    return make_pipeline(columns(make_pipeline(SimpleImputer(), StandardScaler())), LogisticRegression())


def probed(pipeline: Pipeline, frame: pd.DataFrame = FRAME, target: Floats = TARGET, **changes: Any) -> Robustness:
    model = declared(**changes)
    return measure_robustness(model, pipeline.fit(frame, target), frame, target, constant(model, target))


def response(found: Robustness, kind: str, feature: str | None = None, what: str | None = None) -> Response:
    chosen = [one for one in found.responses if (one.kind, one.feature) == (kind, feature)]
    return next(one for one in chosen if what in {None, one.what})


def test_what_a_feature_is_worth_is_lost_with_it() -> None:
    found = probed(sturdy())
    assert (found.rows, found.metric) == (2000, "auc")
    assert found.skill.gained > 0.3
    assert response(found, "missing_feature", "temp").skill_lost == pytest.approx(1, abs=0.1)
    assert response(found, "missing_feature", "wind").skill_lost == pytest.approx(0, abs=0.02)
    assert list(found.importance) == ["temp", *sorted(found.importance, key=lambda one: -found.importance[one])[1:]]
    assert response(found, "missing_feature", "temp").mean_change > 0.2
    assert response(found, "noise").skill_lost == pytest.approx(0, abs=0.02)
    assert 0.02 < response(found, "missing_cells").skill_lost < 0.3


def test_a_sturdy_pipeline_never_fails_and_gives_the_same_answers_to_the_same_numbers() -> None:
    found = probed(sturdy())
    assert [one.error for one in found.responses if one.kind != "number_type"] == [None] * (len(found.responses) - 2)
    assert response(found, "column_order").mean_change == 0
    assert response(found, "number_type", what="as objects").mean_change == 0


def test_a_crash_is_a_finding_with_its_words() -> None:
    found = probed(make_pipeline(columns("passthrough"), LogisticRegression()))
    crashed = response(found, "missing_feature", "temp")
    assert crashed.error is not None
    assert crashed.error.startswith("ValueError: Input X contains NaN.")
    assert len(crashed.error) <= 300
    assert math.isnan(crashed.skill_lost)
    assert response(found, "noise").error is None


def test_answers_that_are_no_numbers_are_counted() -> None:
    pipeline = make_pipeline(FunctionTransformer(lambda frame: frame[["temp"]].fillna(20)), Roots())
    found = probed(pipeline, target=FRAME["temp"].to_numpy(), metric="mae", task="regression")
    cold = response(found, "unit_error", "temp", "F to C")
    assert cold.error is None
    assert cold.not_finite == int((FRAME["temp"] < 32).sum()) > 1900
    assert math.isnan(cold.skill_lost)
    assert response(found, "unit_error", "temp", "x 1000").not_finite == 0


def test_pipelines_that_go_by_place_are_found_out() -> None:
    by_place = make_pipeline(FunctionTransformer(lambda frame: frame.iloc[:, [0]].to_numpy()), LogisticRegression())
    numbers_only = spec(
        contract=contract(columns=COLUMNS),
        features={"numeric": NUMBERS},
        gates={"champion_comparison": {"metric": "auc"}},
    )
    by_place.fit(FRAME[NUMBERS], TARGET)
    found = measure_robustness(numbers_only, by_place, FRAME[NUMBERS], TARGET, constant(numbers_only, TARGET))
    assert response(found, "column_order").mean_change > 0.1


def test_a_loss_of_a_metric_where_less_is_better_is_a_loss() -> None:
    target = FRAME["temp"].to_numpy() + RANDOM.normal(0, 1, 2000)
    pipeline = make_pipeline(columns(SimpleImputer()), LinearRegression())
    found = probed(pipeline, target=target, metric="mae", task="regression")
    assert found.skill.gained > 2
    assert response(found, "missing_feature", "temp").skill_lost == pytest.approx(1, abs=0.05)
    assert response(found, "unit_error", "temp", "x 1000").skill_lost > 1000
    assert response(found, "unit_error", "wind", "x 0.01").skill_lost < 0.01


def test_several_classes_move_by_half_the_sum_of_their_probabilities() -> None:
    target = RANDOM.integers(0, 2, 2000).astype(float)
    target[FRAME["temp"] > 20] = 2
    classes = {"column": "stop", "classes": ["a", "b", "c"]}
    model = spec(
        task="multiclass",
        target=classes,
        contract=contract(columns={**COLUMNS, "stop": {"type": "string"}}),
        features={"numeric": NUMBERS, "categorical": ["line"]},
    )
    fitted = sturdy().fit(FRAME, target)
    found = measure_robustness(model, fitted, FRAME, target, constant(model, target))
    gone = response(found, "missing_feature", "temp")
    before, after = fitted.predict_proba(FRAME), fitted.predict_proba(FRAME.assign(temp=np.nan))
    assert gone.mean_change == pytest.approx(np.abs(before - after).sum(axis=1).mean() / 2)
    assert gone.skill_lost > 0.8


def test_a_sample_of_bounded_size_is_asked_and_always_the_same() -> None:
    many = FRAME.loc[np.arange(3 * ROWS) % 2000].reset_index(drop=True)
    target = np.resize(TARGET, 3 * ROWS)
    first, second = (probed(sturdy(), many, target) for _ in range(2))
    assert first.rows == ROWS
    assert first == second


def test_it_survives_being_stored() -> None:
    found = probed(make_pipeline(columns("passthrough"), LogisticRegression()))
    again = Robustness.model_validate_json(found.model_dump_json())
    assert again.model_dump_json() == found.model_dump_json()
    assert math.isnan(response(again, "missing_feature", "temp").skill_lost)


def test_without_a_class_there_is_no_share() -> None:
    fitted, model = sturdy().fit(FRAME, TARGET), declared()
    found = measure_robustness(model, fitted, FRAME, np.zeros(2000), np.asarray(0.5))
    assert math.isnan(response(found, "missing_feature", "temp").skill_lost)
    assert math.isnan(found.importance["temp"])
