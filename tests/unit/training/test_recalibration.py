"""Recalibration learns from the newest training days, bends probabilities and leaves their order."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import skops.io
import statsmodels.api as sm
from pydantic import ValidationError
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import Pipeline

from include.errors import BadData, NotFound
from include.features.matrix import Floats
from include.registry.model_file import TRUSTED_TYPES
from include.spec import ModelSpec
from include.training.learn import learn
from include.training.predictions import predict
from include.training.recalibration import Recalibrated, parts
from include.training.rows import LabelledRows
from tests.declared import contract, declare, spec

DAYS, DAILY = 20, 200
NAMES = ["red", "blue", "night"]
# Counts one feature four times over as if each were news: it orders rows well, and is far too sure.
BOLD = """from sklearn.compose import ColumnTransformer
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline


def build_pipeline(params):
    again = ColumnTransformer([(str(time), "passthrough", ["bus"]) for time in range(4)])
    return Pipeline([("again", again), ("bayes", GaussianNB())])
"""
TREES = """from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline


def build_pipeline(params):
    return Pipeline([("trees", HistGradientBoostingClassifier(max_iter=5, **params))])
"""


def declared(method: str = "sigmoid", share: float = 0.4, **changes: Any) -> ModelSpec:
    training = {"recalibrate": method, "recalibrate_share": share}
    return spec(**{"features": {"numeric": ["bus"]}, "training": training, **changes})


def several(method: str = "sigmoid") -> ModelSpec:
    column = {"line": {"type": "string", "one_of": NAMES}}
    target = {"column": "line", "classes": NAMES}
    return declared(method, task="multiclass", target=target, contract=contract(columns=column))


def rows(seed: int = 1, classes: int = 2, days: int = DAYS) -> LabelledRows:
    """Twenty days on which the chance of a class follows the one feature."""
    random = np.random.default_rng(seed)
    bus = random.normal(0, 1, days * DAILY)
    noisy = bus + random.logistic(0, 1, days * DAILY)
    target = np.digitize(noisy, [0.5] if classes == 2 else [-1.0, 0.5]).astype(float)
    day = np.repeat(np.arange("2013-01-01", days, dtype="datetime64[D]"), DAILY)
    return LabelledRows(pd.DataFrame({"bus": bus}), target, day, 0)


def error(said: Floats, target: Floats) -> float:
    """How far what was said is from what came true, in ten bins."""
    order = np.argsort(said)
    return float(np.mean([abs(said[part].mean() - target[part].mean()) for part in np.array_split(order, 10)]))


def learnt(models: Path, one: ModelSpec, source: LabelledRows, pipeline: str = BOLD) -> Pipeline:
    if not (models / "trip_late").exists():
        declare(models, pipeline=pipeline)
    return learn(one, {}, source)


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_a_model_that_is_too_sure_is_calibrated_on_rows_it_never_saw(models: Path, method: str) -> None:
    fresh = rows(seed=2)
    before = predict(declared(), learnt(models, declared("none"), rows()), fresh.features)
    after = predict(declared(), learnt(models, declared(method), rows()), fresh.features)
    assert error(before, fresh.target) > 0.07
    assert error(after, fresh.target) < 0.04


def test_the_order_of_rows_stays_with_a_sigmoid(models: Path) -> None:
    fresh = rows(seed=2)
    pipeline = learnt(models, declared("sigmoid"), rows())
    bent = predict(declared(), pipeline, fresh.features)
    inner = pipeline[-1].classifier.predict_proba(pipeline[:-1].transform(fresh.features))[:, 1]
    assert roc_auc_score(fresh.target, bent) == pytest.approx(roc_auc_score(fresh.target, inner), abs=1e-12)
    assert np.array_equal(np.argsort(bent, kind="stable"), np.argsort(inner, kind="stable"))
    assert not np.allclose(bent, inner, atol=0.05)


def test_the_pipeline_is_fitted_on_the_earlier_days_alone(models: Path) -> None:
    """What the newest days are turned into changes the curve, and nothing else."""
    same = rows()
    turned = rows()
    turned.target[-5 * DAILY :] = np.roll(turned.target[-5 * DAILY :], 1)
    one, other = learnt(models, declared(share=0.25), same), learnt(models, declared(share=0.25), turned)
    features = one[:-1].transform(same.features)
    np.testing.assert_array_equal(
        one[-1].classifier.predict_proba(features), other[-1].classifier.predict_proba(features)
    )
    assert one[-1].curves_[0].tolist() != other[-1].curves_[0].tolist()


def test_the_newest_share_of_days_is_kept_for_the_calibrator_behind_a_gap_of_the_label_delay() -> None:
    earlier, newest = parts(declared(share=0.2, label_delay_days=1), rows(days=10))
    assert (str(earlier.days[0]), str(earlier.days[-1])) == ("2013-01-01", "2013-01-07")
    assert (str(newest.days[0]), str(newest.days[-1])) == ("2013-01-09", "2013-01-10")
    assert (len(earlier), len(newest), len(newest.features)) == (7 * DAILY, 2 * DAILY, 2 * DAILY)
    whole, _ = parts(declared(share=0.2, label_delay_days=0), rows(days=10))
    assert str(whole.days[-1]) == "2013-01-08"


def test_a_share_of_few_days_is_at_least_one() -> None:
    earlier, newest = parts(declared(share=0.01), rows(days=3))
    assert (str(earlier.days[-1]), str(newest.days[0]), str(newest.days[-1])) == (
        "2013-01-02", "2013-01-03", "2013-01-03",
    )  # fmt: skip


def test_days_that_leave_nothing_to_learn_from_are_too_few() -> None:
    with pytest.raises(
        NotFound, match=r"of 3 days .* those from 2013-01-03 on are for training\.recalibrate.*gap of 2"
    ):
        parts(declared(share=0.3, label_delay_days=2), rows(days=3))


def test_earlier_days_of_one_class_are_named() -> None:
    source = rows(days=4)
    source.target[: 3 * DAILY] = 1.0
    with pytest.raises(BadData, match=r"all 600 labelled rows from 2013-01-01 to 2013-01-03.*are of one class"):
        parts(declared(share=0.25), source)


@pytest.mark.parametrize("pipeline", [BOLD, TREES])
@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
@pytest.mark.parametrize("classes", [2, 3])
def test_the_stored_file_answers_bit_for_bit_and_only_trusted_types_are_made_from_it(
    models: Path, tmp_path: Path, pipeline: str, method: str, classes: int
) -> None:
    one, features = declared(method) if classes == 2 else several(method), rows(seed=3).features
    made = learnt(models, one, rows(classes=classes), pipeline)
    skops.io.dump(made, tmp_path / "model.skops")
    loaded = skops.io.load(tmp_path / "model.skops", trusted=TRUSTED_TYPES)
    assert isinstance(loaded[-1], Recalibrated)
    assert np.array_equal(predict(one, loaded, features), predict(one, made, features))
    assert np.array_equal(loaded.predict(features), made.predict(features))


def test_learning_again_gives_the_same_model(models: Path) -> None:
    first, second = (predict(declared(), learnt(models, declared(), rows()), rows().features) for _ in range(2))
    assert np.array_equal(first, second)


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_several_classes_are_calibrated_each_against_the_rest_and_sum_to_one(models: Path, method: str) -> None:
    source, fresh = rows(classes=3), rows(seed=2, classes=3)
    after = predict(several(method), learnt(models, several(method), source), fresh.features)
    np.testing.assert_allclose(after.sum(axis=1), 1)
    assert all(error(after[:, one], (fresh.target == one).astype(float)) < 0.03 for one in range(3))


@pytest.mark.parametrize(("method", "as_it_is"), [("sigmoid", [0.0, 1.0]), ("isotonic", [[0.0, 1.0], [0.0, 1.0]])])
def test_a_class_the_newest_days_never_show_keeps_its_probability(
    models: Path, caplog: pytest.LogCaptureFixture, method: str, as_it_is: list[Any]
) -> None:
    source = rows(classes=3)
    recent = source.target[-8 * DAILY :]
    recent[recent == 1.0] = 2.0
    pipeline = learnt(models, several(method), source)
    assert pipeline[-1].curves_[1].tolist() == as_it_is
    assert pipeline[-1].curves_[0].tolist() != as_it_is
    assert "1600 rows of which 0 are of a class cannot recalibrate it" in caplog.text


def test_newest_days_that_are_all_of_one_class_bend_nothing(models: Path) -> None:
    source = rows()
    source.target[-8 * DAILY :] = 1.0
    assert learnt(models, declared(), source)[-1].curves_[0].tolist() == [0.0, 1.0]


def test_newest_days_that_contradict_the_order_of_the_model_do_not_turn_it_around(models: Path) -> None:
    source = rows()
    source.target[-8 * DAILY :] = 1 - source.target[-8 * DAILY :]
    assert learnt(models, declared(), source)[-1].curves_[0].tolist() == [0.0, 1.0]


@pytest.mark.parametrize("classes", [2, 3])
def test_an_isotonic_curve_is_that_of_scikit_learn(models: Path, classes: int) -> None:
    one, source, fresh = several("isotonic"), rows(classes=3), rows(seed=2).features
    if classes == 2:
        one, source = declared("isotonic"), rows()
    made = learnt(models, one, source)
    _, newest = parts(one, source)
    expected = CalibratedClassifierCV(FrozenEstimator(made[-1].classifier), method="isotonic")
    expected.fit(made[:-1].transform(newest.features), newest.target)
    there = made[:-1].transform(fresh)
    np.testing.assert_allclose(made[-1].predict_proba(there), expected.predict_proba(there), atol=1e-12)
    assert made[-1].predict(there).tolist() == expected.predict(there).tolist()


def test_a_sigmoid_is_platts_with_his_targets(models: Path) -> None:
    """Few enough rows for the targets to matter, and fitted by statsmodels."""
    bold = Recalibrated(LogisticRegression(C=np.inf), "sigmoid")
    features = np.linspace(-2, 2, 12)[:, None]
    bold.classifier.fit(features, [0.0] * 5 + [1.0, 0.0] + [1.0] * 5)
    target = np.array([0.0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 1, 1])
    odds = bold.classifier.decision_function(features)
    platt = np.where(target == 1, 6 / 7, 1 / 9)
    expected = sm.GLM(platt, sm.add_constant(odds), family=sm.families.Binomial()).fit()
    assert bold.fit(features, target).curves_[0] == pytest.approx(expected.params, rel=1e-6)
    np.testing.assert_allclose(bold.predict_proba(features), np.column_stack([1 - expected.mu, expected.mu]), rtol=1e-6)
    assert bold.predict(features).tolist() == (expected.mu > 0.5).astype(float).tolist()


def test_probabilities_that_an_isotonic_curve_takes_all_to_nothing_stay_as_they_were() -> None:
    never = np.array([[0.0, 1.0], [0.0, 0.0]])
    features = pd.DataFrame({"bus": [0.0, 1.0, 2.0, 3.0]})
    inner = LogisticRegression().fit(features, [0.0, 1.0, 2.0, 2.0])
    bent = Recalibrated(inner, "isotonic").fit(features, np.array([0.0, 1.0, 2.0, 2.0]))
    bent.curves_ = [never] * 3
    np.testing.assert_array_equal(bent.predict_proba(features), inner.predict_proba(features))


def test_a_model_without_recalibration_is_the_pipeline_itself(models: Path) -> None:
    pipeline = learnt(models, declared("none"), rows())
    assert [type(step).__name__ for step in pipeline] == ["ColumnTransformer", "GaussianNB"]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"training": {"recalibrate": "platt"}}, "Input should be 'none', 'sigmoid' or 'isotonic'"),
        ({"training": {"recalibrate": "sigmoid", "recalibrate_share": 1.0}}, "less than 1"),
        ({"training": {"recalibrate": "sigmoid", "recalibrate_share": 0.0}}, "greater than 0"),
    ],
)
def test_a_recalibration_that_cannot_be_is_refused(changes: Mapping[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError) as caught:
        declared(**changes)
    assert problem in str(caught.value)
