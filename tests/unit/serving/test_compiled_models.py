"""A plan says what its pipeline says, to the last digits, on rows made to show where it would not."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from include.features.matrix import Floats
from include.serving.compiled import compiled, differences
from include.serving.compiling import computation
from include.serving.compiling_columns import NotCompilable
from include.serving.plan import Computation, Plan, read, write
from include.serving.probing import UNSEEN, Probe
from include.spec import ModelSpec
from include.training.recalibration import Recalibrated
from tests.declared import spec
from tests.landing import contract

NUMBERS = ["bus", "full"]
CODES = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan, encoded_missing_value=np.nan)
TREES: dict[str, Any] = {"max_iter": 12, "min_samples_leaf": 5, "random_state": 0}
CLASSES = ["small", "medium", "large"]


def frame(rows: int = 400) -> pd.DataFrame:
    random = np.random.default_rng(3)
    bus = random.normal(20, 10, rows)
    bus[random.random(rows) < 0.1] = np.nan
    line = random.choice(np.array(["red", "blue", None], dtype=object), rows)
    return pd.DataFrame({"bus": bus, "full": random.integers(0, 2, rows).astype(float), "line": line})


def answers(kind: str) -> Floats:
    score = frame()["bus"].fillna(15).to_numpy() + np.random.default_rng(4).normal(0, 8, 400)
    if kind == "binary":
        return (score > 20).astype(float)
    return np.digitize(score, [12, 28]).astype(float) if kind == "multiclass" else np.abs(score) + 1


def of(kind: str) -> ModelSpec:
    if kind == "multiclass":
        column = {"size": {"type": "string", "one_of": CLASSES, "nullable": True}}
        return spec(task=kind, target={"column": "size", "classes": CLASSES}, contract=contract(columns=column))
    return spec(task=kind, target={"column": "late", **({"above": 15} if kind == "binary" else {})})


def by_column(numbers: Any, words: Any) -> ColumnTransformer:
    return ColumnTransformer([("words", words, ["line"]), ("numbers", numbers, NUMBERS)])


def filled() -> Pipeline:
    return Pipeline([("fill", SimpleImputer(strategy="median")), ("scale", StandardScaler())])


PIPELINES = {
    "trees for two classes": ("binary", by_column("passthrough", CODES), HistGradientBoostingClassifier(**TREES)),
    "trees for three classes": ("multiclass", by_column("passthrough", CODES), HistGradientBoostingClassifier(**TREES)),
    "trees for a number": ("regression", by_column("passthrough", CODES), HistGradientBoostingRegressor(**TREES)),
    "trees for a count": (
        "regression", by_column("passthrough", CODES), HistGradientBoostingRegressor(loss="poisson", **TREES),
    ),
    "a line for two classes": (
        "binary", by_column(filled(), OneHotEncoder(handle_unknown="ignore")), LogisticRegression(),
    ),
    "a line for three classes": (
        "multiclass", by_column(filled(), OneHotEncoder(handle_unknown="ignore")), LogisticRegression(),
    ),
    "a line for a number": ("regression", by_column(filled(), OneHotEncoder(handle_unknown="ignore")), Ridge()),
}  # fmt: skip


def fitted(name: str) -> tuple[ModelSpec, Pipeline]:
    kind, columns, estimator = PIPELINES[name]
    return of(kind), Pipeline([("columns", columns), ("model", estimator)]).fit(frame(), answers(kind))


def furthest(made: Computation, probe: Probe) -> float:
    answer = compiled(made, 3)
    return max(differences(answer, [one.row for one in probe.samples], [one.said for one in probe.samples]))


@pytest.fixture(autouse=True)
def no_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no lake here: rows are made, none are read."""
    monkeypatch.setattr("include.serving.probing._kept", lambda *_: [])


@pytest.mark.parametrize("name", PIPELINES)
def test_a_plan_answers_as_its_pipeline(name: str) -> None:
    declared, pipeline = fitted(name)
    made = computation(declared, pipeline)
    probe = Probe.of(declared, "run", pipeline, made)
    assert len(probe.samples) > 500
    assert any(row.row[2] == UNSEEN for row in probe.samples)
    assert furthest(made, probe) < 1e-9


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
@pytest.mark.parametrize("name", ["trees for two classes", "trees for three classes"])
def test_a_recalibrated_plan_answers_as_its_pipeline(name: str, method: str) -> None:
    declared, pipeline = fitted(name)
    *_, (step, model) = pipeline.steps
    bent = Recalibrated(model, method).fit(pipeline[:-1].transform(frame()), answers(declared.task))
    whole = Pipeline([*pipeline.steps[:-1], (step, bent)])
    made = computation(declared, whole)
    assert made.bend is not None
    assert furthest(made, Probe.of(declared, "run", whole, made)) < 1e-9


def test_numbers_of_32_bits_are_compared_as_the_pipeline_got_them() -> None:
    features = {"numeric": NUMBERS, "categorical": ["line"], "float32": ["bus"]}
    narrow = contract(keys=["at"], columns={"bus": {"type": "float", "nullable": True}})
    declared = spec(target={"column": "late", "above": 15}, features=features, contract=narrow)
    rows = frame().astype({"bus": np.float32})
    columns, estimator = PIPELINES["trees for two classes"][1:]
    pipeline = Pipeline([("columns", columns), ("model", estimator)]).fit(rows, answers("binary"))
    made = computation(declared, pipeline)
    samples = Probe.of(declared, "run", pipeline, made).samples
    asked, said = [one.row for one in samples], [one.said for one in samples]
    assert max(differences(compiled(made, 3, [0]), asked, said)) < 1e-9
    assert max(differences(compiled(made, 3), asked, said)) > 1e-6


def test_a_wrong_threshold_is_found() -> None:
    declared, pipeline = fitted("trees for two classes")
    made = computation(declared, pipeline)
    probe = Probe.of(declared, "run", pipeline, made)
    tree = made.body.trees[0][0]  # type: ignore[union-attr]
    tree.threshold[0] = math.nextafter(tree.threshold[0], math.inf)
    assert furthest(made, probe) > 1e-6


def test_what_the_pipeline_raises_on_is_known_beforehand() -> None:
    columns = by_column("passthrough", OneHotEncoder(handle_unknown="error"))
    rows = frame().fillna({"bus": 15.0})
    pipeline = Pipeline([("columns", columns), ("model", LogisticRegression())]).fit(rows, answers("binary"))
    made = computation(of("binary"), pipeline)
    probe = Probe.of(of("binary"), "run", pipeline, made)
    assert probe.refuses_missing == ["bus", "full"]
    assert probe.known_words == {"line": ["blue", "red"]}
    assert furthest(made, probe) < 1e-9


def test_a_pipeline_that_no_plan_can_say_is_named() -> None:
    columns = by_column(SimpleImputer(), OneHotEncoder(handle_unknown="ignore"))
    forest = Pipeline([("columns", columns), ("model", RandomForestClassifier(n_estimators=3))])
    with pytest.raises(NotCompilable, match="RandomForestClassifier"):
        computation(of("binary"), forest.fit(frame(), answers("binary")))


def test_a_plan_survives_being_written() -> None:
    declared, pipeline = fitted("trees for two classes")
    made = computation(declared, pipeline)
    probe = Probe.of(declared, "run", pipeline, made)
    plan = Plan(
        model="trip_late", version="1", model_hash="h", task="binary", features=["bus", "full", "line"], words=["line"],
        float32=[], classes=[], refuses_missing=[], known_words={}, computation=made, reason="", difference=0.0,
        samples=probe.samples,
    )  # fmt: skip
    back = read(write(plan))
    assert back.computation is not None
    assert furthest(back.computation, Probe(back.samples, [], {})) < 1e-9
