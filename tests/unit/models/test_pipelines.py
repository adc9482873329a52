"""Both pipelines of the demonstration fit what flights look like: holes, new categories, any column order."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.pipeline import Pipeline

from include.models.arrival_delay import pipeline as arrival_delay
from include.models.flight_delay import pipeline as flight_delay
from include.spec import load_models

PARAMETERS = {"max_iter": 20, "random_state": 7}
TREES = "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"
Build = Callable[[dict[str, Any]], Pipeline]
both = pytest.mark.parametrize("build", [flight_delay.build_pipeline, arrival_delay.build_pipeline])


def flights(rows: int = 600) -> pd.DataFrame:
    """Late at night and with HA; numbers and strings are missing here and there, rain nearly everywhere."""
    random = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "sched_dep_minute": random.integers(300, 1400, rows).astype("float64"),
            "pressure": np.where(random.random(rows) < 0.3, np.nan, 1015.0),
            "precip": np.where(random.random(rows) < 0.97, np.nan, 0.1),
            "origin": random.choice(["EWR", "JFK"], rows).astype(object),
            "dest": random.choice(["BOS", "SFO"], rows).astype(object),
            "carrier": random.choice(["UA", "B6", "HA"], rows).astype(object),
            "engine": random.choice(["Turbo-fan", "Turbo-jet"], rows).astype(object),
        }
    )
    frame.loc[random.random(rows) < 0.2, "engine"] = None
    return frame


def minutes_late(frame: pd.DataFrame) -> pd.Series:
    return (frame["sched_dep_minute"] - 900) / 10 + np.where(frame["carrier"] == "HA", 60, 0)


def fitted(build: Build, frame: pd.DataFrame) -> Pipeline:
    late = minutes_late(frame)
    return build(PARAMETERS).fit(frame, late > 15 if build is flight_delay.build_pipeline else late)


def predict(model: Pipeline, frame: pd.DataFrame) -> np.ndarray:
    return model.predict_proba(frame)[:, 1] if hasattr(model, "predict_proba") else model.predict(frame)


@both
def test_it_learns_from_numbers_and_from_categories(build: Build) -> None:
    """A late hour and a slow carrier both raise the prediction."""
    frame = flights()
    model = fitted(build, frame)
    early = frame.assign(sched_dep_minute=350.0, carrier="UA")
    late = frame.assign(sched_dep_minute=1350.0, carrier="UA")
    slow = frame.assign(sched_dep_minute=350.0, carrier="HA")
    assert predict(model, early).mean() < predict(model, late).mean()
    assert predict(model, early).mean() < predict(model, slow).mean()


@both
def test_an_unseen_category_is_a_missing_one(build: Build) -> None:
    frame = flights()
    model = fitted(build, frame)
    unseen, missing = frame.assign(carrier="ZZ"), frame.assign(carrier=pd.Series([None] * len(frame), dtype=object))
    assert np.array_equal(predict(model, unseen), predict(model, missing))


@both
def test_a_frame_with_nothing_known_still_gets_a_prediction(build: Build) -> None:
    frame = flights()
    unknown = frame.iloc[:1].copy()
    unknown[["sched_dep_minute", "pressure", "precip"]] = np.nan
    unknown[["carrier", "origin", "dest", "engine"]] = None
    assert np.isfinite(predict(fitted(build, frame), unknown)).all()


@both
def test_the_same_rows_and_seed_give_the_same_predictions(build: Build) -> None:
    frame = flights()
    assert np.array_equal(predict(fitted(build, frame), frame), predict(fitted(build, frame), frame))


@both
def test_columns_are_found_by_name_not_by_place(build: Build) -> None:
    frame = flights()
    model = fitted(build, frame)
    assert np.array_equal(predict(model, frame), predict(model, frame[sorted(frame.columns, reverse=True)]))


@both
def test_it_survives_skops_with_one_trusted_type_and_predicts_the_same(build: Build) -> None:
    frame = flights()
    model = fitted(build, frame)
    content = skops.io.dumps(model)
    assert set(skops.io.get_untrusted_types(data=content)) <= {TREES}
    assert np.array_equal(predict(skops.io.loads(content, trusted=[TREES]), frame), predict(model, frame))


@both
def test_a_misspelt_parameter_is_refused(build: Build) -> None:
    with pytest.raises(TypeError, match="max_iterations"):
        build({"max_iterations": 20})


def test_the_declarations_load_and_share_one_dataset() -> None:
    declared = load_models()
    assert not declared.errors
    assert {name: model.dataset for name, model in declared.models.items()} == {
        "arrival_delay": "flights",
        "flight_delay": "flights",
    }


def test_what_the_declarations_set_is_what_the_estimators_take() -> None:
    for module, name in ((flight_delay, "flight_delay"), (arrival_delay, "arrival_delay")):
        declared = load_models().models[name]
        model = module.build_pipeline({**declared.training.parameters, "random_state": declared.training.seed})
        assert model["trees"].get_params()["random_state"] == declared.training.seed
        assert list(declared.features.categorical) == module.CATEGORIES
