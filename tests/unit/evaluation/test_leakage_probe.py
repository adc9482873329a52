"""The leakage probe: honest models look honest, and each way to cheat shows."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from include.evaluation.leakage import Leakage, measure_leakage
from include.features.matrix import Floats
from include.spec import ModelSpec
from include.training.rows import LabelledRows
from tests.declared import contract, declare, spec

DAYS, A_DAY = 40, 60
ROWS = DAYS * A_DAY
RANDOM = np.random.default_rng(8)
DAY = np.repeat(np.arange(DAYS), A_DAY)
BUS = RANDOM.normal(size=ROWS)
WEATHER = RANDOM.normal(size=DAYS)[DAY]  # the same for all rows of a day
LATE = BUS + RANDOM.normal(0, 2, ROWS)
COLUMNS: dict[str, Any] = {
    "bus": {"type": "float"},
    "weather": {"type": "float"},
    "waited": {"type": "float", "known": "after"},
}
TREES = '''"""Trees deep enough to remember a day by its weather."""

from sklearn.tree import {trees}
from sklearn.pipeline import Pipeline


def build_pipeline(params):
    return Pipeline([("trees", {trees}(min_samples_leaf=5, **params))])
'''
KNOWS = '''"""Never taught, and knows: it says what the first column says."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.pipeline import Pipeline


class Knows(ClassifierMixin, BaseEstimator):
    def fit(self, rows, target):
        self.classes_ = np.array([0.0, 1.0])
        return self

    def predict_proba(self, rows):
        yes = 1 / (1 + np.exp(-rows["bus"].to_numpy()))
        return np.column_stack([1 - yes, yes])


def build_pipeline(params):
    return Pipeline([("knows", Knows())])
'''


def declared(features: tuple[str, ...] = ("bus", "weather"), **changes: Any) -> ModelSpec:
    return spec(contract=contract(columns=COLUMNS, keys=["at"]), features={"numeric": list(features)}, **changes)


def sample(target: Floats, **columns: Floats) -> LabelledRows:
    frame = pd.DataFrame({"bus": BUS, "weather": WEATHER, **columns})
    return LabelledRows(frame, target, np.datetime64("2013-01-01") + DAY, unlabelled=0)


def probe(models: Path, target: Floats, pipeline: str | None = None, **columns: Floats) -> Leakage:
    trees = "DecisionTreeClassifier" if len(np.unique(target)) == 2 else "DecisionTreeRegressor"
    module = TREES.format(trees=trees)
    declare(models, pipeline=pipeline or module)
    task: dict[str, Any] = {} if trees.endswith("Classifier") else {"task": "regression", "target": {"column": "late"}}
    model = declared(**task) if not columns else declared(("bus", "weather", *columns), **task)
    return measure_leakage(model, {"random_state": 7} if pipeline is None else {}, sample(target, **columns))


def test_an_honest_model_looks_honest(models: Path) -> None:
    found = probe(models, (LATE > 1).astype(float))
    assert (found.rows, found.error) == (ROWS, None)
    assert 0.2 < found.strengths["bus"] < 0.6
    assert found.strengths["weather"] < 0.2
    assert 0.1 < found.ordered < 0.6
    assert abs(found.optimism) < 0.15
    assert abs(found.shuffled) < 0.1


def test_an_honest_regression_looks_honest(models: Path) -> None:
    found = probe(models, LATE)
    assert 0.2 < found.strengths["bus"] < 0.7
    assert abs(found.optimism) < 0.15
    assert abs(found.shuffled) < 0.1


def test_a_feature_written_down_after_the_event_is_too_strong(models: Path) -> None:
    declare(models, pipeline=TREES.format(trees="DecisionTreeClassifier"))
    columns = {**COLUMNS, "waited": {"type": "float"}}
    model = spec(contract=contract(columns=columns, keys=["at"]), features={"numeric": ["bus", "waited"]})
    late = (LATE > 1).astype(float)
    rows = LabelledRows(
        pd.DataFrame({"bus": BUS, "waited": LATE + RANDOM.normal(0, 0.3, ROWS)}), late, sample(late).days, unlabelled=0
    )
    found = measure_leakage(model, {"random_state": 7}, rows)
    assert next(iter(found.strengths)) == "waited"
    assert found.strengths["waited"] > 0.9
    assert found.strengths["bus"] < 0.6


def test_a_feature_that_names_the_day_makes_a_random_split_flatter(models: Path) -> None:
    """The rate of each day is its own, and the weather tells which day it is."""
    rate = np.where(RANDOM.random(DAYS) < 0.5, 0.05, 0.95)[DAY]
    found = probe(models, (RANDOM.random(ROWS) < rate).astype(float))
    assert found.mixed > 0.7
    assert found.optimism > 0.5


def test_a_pipeline_that_has_the_answers_from_elsewhere_knows_them_without_labels(models: Path) -> None:
    found = probe(models, (LATE > 1).astype(float), pipeline=KNOWS)
    assert found.shuffled > 0.3
    assert found.optimism == 0


def test_a_pipeline_that_cannot_be_fitted_is_a_finding(models: Path) -> None:
    broken = TREES.format(trees="DecisionTreeClassifier")
    found = probe(models, (LATE > 1).astype(float), pipeline=broken.replace("min_samples_leaf=5", "max_depth=-1"))
    assert found.error is not None
    assert found.error.startswith("InvalidParameterError: The 'max_depth' parameter")
    assert found.strengths["bus"] > 0.2
    assert np.isnan(found.optimism)


def test_what_is_known_after_the_event_is_listed_the_target_first(models: Path) -> None:
    assert probe(models, (LATE > 1).astype(float)).known_after == ("late", "waited")


def test_the_same_sample_gives_the_same_findings(models: Path) -> None:
    found = probe(models, (LATE > 1).astype(float))
    assert measure_leakage(declared(), {"random_state": 7}, sample((LATE > 1).astype(float))) == found


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_hardly_any_rows_are_a_finding_and_no_crash(models: Path, rows: int) -> None:
    declare(models, pipeline=TREES.format(trees="DecisionTreeClassifier"))
    few = sample((LATE > 1).astype(float))
    cut = LabelledRows(few.features[:rows], few.target[:rows], few.days[:rows], unlabelled=0)
    found = measure_leakage(declared(), {}, cut)
    assert found.rows == rows
    assert found.error is not None or np.isnan(found.optimism)
