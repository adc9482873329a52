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

from include.evaluation.disturbances import missing_features
from include.evaluation.robustness import Asked, Response, Robustness, measure_robustness, rows_to_ask
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
    return measure_robustness(model, pipeline.fit(frame, target), asked(frame, target), constant(model, target))


def asked(frame: pd.DataFrame, target: Floats, *weights: float) -> Asked:
    return Asked(frame, target, np.array(weights or [1.0, 1.0, 1.0]))


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


def test_features_are_as_important_where_no_other_mishap_is_tried() -> None:
    model, pipeline, rows = declared(), sturdy().fit(FRAME, TARGET), asked(FRAME, TARGET)
    found = measure_robustness(model, pipeline, rows, constant(model, TARGET), missing_features)
    assert [(one.kind, one.feature) for one in found.responses] == [
        ("missing_feature", name) for name in ("temp", "wind", "line")
    ]
    assert found.importance == measure_robustness(model, pipeline, rows, constant(model, TARGET)).importance


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
    found = measure_robustness(numbers_only, by_place, asked(FRAME[NUMBERS], TARGET), constant(numbers_only, TARGET))
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
    found = measure_robustness(model, fitted, asked(FRAME, target), constant(model, target))
    gone = response(found, "missing_feature", "temp")
    before, after = fitted.predict_proba(FRAME), fitted.predict_proba(FRAME.assign(temp=np.nan))
    assert gone.mean_change == pytest.approx(np.abs(before - after).sum(axis=1).mean() / 2)
    assert gone.skill_lost > 0.8


@pytest.mark.parametrize(("features", "rows"), [(1, 5000), (37, 5000), (60, 3278), (5000, 500)])
def test_the_more_features_there_are_the_fewer_rows_are_asked(features: int, rows: int) -> None:
    names = [f"n{number}" for number in range(features)]
    many = contract(columns={name: {"type": "float"} for name in names})
    assert rows_to_ask(spec(contract=many, features={"numeric": names})) == rows


def test_rows_that_stand_for_others_count_as_often() -> None:
    """With a rare class kept whole, the loss is that of all rows."""
    rare = (FRAME["temp"] > 27).to_numpy(dtype=float)
    model, fitted = declared("brier"), sturdy().fit(FRAME, rare)
    whole = measure_robustness(model, fitted, asked(FRAME, rare), constant(model, rare))
    kept = (rare == 1) | (np.arange(2000) % 4 == 0)
    common = (rare == 0).sum() / ((rare == 0) & kept).sum()
    some = asked(FRAME[kept], rare[kept], common, 1.0)
    found = measure_robustness(model, fitted, some, constant(model, rare))
    assert found.rows < 800
    assert found.skill.gained == pytest.approx(whole.skill.gained, rel=0.15)
    unweighted = measure_robustness(model, fitted, asked(FRAME[kept], rare[kept]), constant(model, rare))
    assert unweighted.skill.gained > 1.5 * whole.skill.gained


def test_the_same_rows_give_the_same_findings() -> None:
    assert probed(sturdy()) == probed(sturdy())


def test_it_survives_being_stored() -> None:
    found = probed(make_pipeline(columns("passthrough"), LogisticRegression()))
    again = Robustness.model_validate_json(found.model_dump_json())
    assert again.model_dump_json() == found.model_dump_json()
    assert math.isnan(response(again, "missing_feature", "temp").skill_lost)


def test_without_a_class_there_is_no_share() -> None:
    fitted, model = sturdy().fit(FRAME, TARGET), declared()
    found = measure_robustness(model, fitted, asked(FRAME, np.zeros(2000)), np.asarray(0.5))
    assert math.isnan(response(found, "missing_feature", "temp").skill_lost)
    assert math.isnan(found.importance["temp"])
