"""The search: seeded, nested in time, never worse than what was declared, and clear where nothing can be found."""

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from include.errors import BadData, NotFound
from include.evaluation.metrics import measure
from include.features.matrix import Floats
from include.registry.trials import Trial
from include.spec import ModelSpec, Search
from include.spec.metrics import Metric
from include.training import search as module
from include.training.rows import LabelledRows, Measure
from include.training.search import Found, search
from tests.declared import declare, spec

C = {"type": "float", "min": 1e-6, "max": 10, "log": True}
# Says its parameter for every row, so that a test decides what each trial is worth.
CONSTANT = """
from sklearn.dummy import DummyRegressor
from sklearn.pipeline import Pipeline


def build_pipeline(params):
    if params["level"] == "odd":
        raise ValueError("odd")
    return Pipeline([("constant", DummyRegressor(strategy="constant", constant=params["level"]))])
"""
LEVEL = {"level": {"type": "int", "min": 0, "max": 100}}


def rows(days: int = 24, each: int = 20) -> LabelledRows:
    """Late buses are those of a high number; the target of day n is n for a regression."""
    random = np.random.default_rng(5)
    bus = random.normal(size=days * each)
    late = (bus + random.normal(size=days * each) > 0).astype(float)
    dates = np.repeat(np.datetime64("2013-01-01") + np.arange(days), each)
    return LabelledRows(pd.DataFrame({"bus": bus}), late, dates, 0)


def late(space: dict[str, Any], parameters: dict[str, Any] | None = None, **search: Any) -> ModelSpec:
    declared = {"space": space, "metric": "brier", "trials": 12, **search}
    return spec(
        features={"numeric": ["bus"]}, training={"held_out_days": 4, "search": declared, "parameters": parameters or {}}
    )


def constant(parameters: dict[str, Any] | None = None, **search: Any) -> ModelSpec:
    declared = {"space": LEVEL, "metric": "mae", "trials": 12, **search}
    training = {"held_out_days": 4, "search": declared, "parameters": parameters or {}}
    return spec(task="regression", target={"column": "late"}, features={"numeric": ["bus"]}, training=training)


def run(model: ModelSpec, measure: Measure = measure, learnt: LabelledRows | None = None) -> tuple[Found, list[Trial]]:
    """What is found, and the trials without the time they took."""
    trials: list[Trial] = []
    assert model.training.search is not None
    found = search(model, model.training.search, learnt or rows(), measure, trials.append)
    return found, [one.model_copy(update={"seconds": 0.0}) for one in trials]


def test_it_finds_the_same_again_and_something_else_with_another_seed(models: Path) -> None:
    declare(models)
    first, again = run(late({"C": C})), run(late({"C": C}))
    assert first[1] == again[1]
    assert first[0].parameters == again[0].parameters
    model = late({"C": C})
    other = model.model_copy(update={"training": model.training.model_copy(update={"seed": 8})})
    assert run(other)[1] != first[1]


def test_the_declared_parameters_are_the_first_trial_and_never_beat_what_is_found(models: Path) -> None:
    declare(models)
    found, trials = run(late({"C": C}, {"C": 1e-5}, pruning=False))
    assert trials[0].parameters == {"C": 1e-5}
    assert found.outcome.declared == trials[0].mean
    assert found.outcome.best == min(one.mean for one in trials) < found.outcome.declared
    assert found.parameters == next(one.parameters for one in trials if one.mean == found.outcome.best)
    assert (found.outcome.complete, found.outcome.pruned, found.outcome.failed) == (12, 0, 0)


def test_parameters_that_are_not_searched_keep_their_declared_value(models: Path) -> None:
    declare(models)
    found, trials = run(late({"C": C}, {"fit_intercept": False}, trials=2))
    assert set(found.parameters) == {"C"}
    assert trials[0].state == "complete"
    assert found.outcome.declared is None  # the first trial was drawn


def test_each_kind_of_parameter_comes_as_its_own_type(models: Path) -> None:
    space = {
        "C": C,
        "max_iter": {"type": "int", "min": 50, "max": 60},
        "class_weight": {"choices": [None, "balanced", {"0": 1.0}]},
    }
    declare(models)
    _, trials = run(late(space, {"class_weight": "balanced", "max_iter": 55.0}, trials=8))
    assert trials[0].parameters["class_weight"] == "balanced"
    assert trials[0].parameters["max_iter"] == 55
    for one in trials:
        kinds = [type(one.parameters[name]) for name in ("C", "max_iter")]
        assert kinds == [float, int]
        assert 1e-6 <= one.parameters["C"] <= 10
        assert 50 <= one.parameters["max_iter"] <= 60
        assert one.parameters["class_weight"] in (None, "balanced", {"0": 1.0})


def test_a_trial_says_what_it_scored_on_each_fold(models: Path) -> None:
    declare(models)
    found, trials = run(late({"C": C}, trials=1, folds=4))
    assert [len(one.scores) for one in trials] == [4]
    assert trials[0].mean == pytest.approx(np.mean(trials[0].scores)) == found.outcome.best
    assert len(found.outcome.folds) == 4
    assert found.outcome.folds[-1] == ("fitted on 2013-01-01 to 2013-01-20, scored on 2013-01-21 to 2013-01-24")


def level_on(*folds: tuple[float, float]) -> Measure:
    """What each of three folds makes of the level: an offset and a factor."""
    ends = {23: 2, 19: 1, 15: 0}  # the newest day of each fold's validation part, from 0

    def measured(metric: Metric, target: Floats, said: Floats) -> float:
        offset, factor = folds[ends[int(target[-1])]]
        return offset + factor * float(said[0])

    return measured


def numbered() -> LabelledRows:
    """The target of each row is the number of its day."""
    whole = rows()
    return LabelledRows(whole.features, (whole.days - whole.days[0]).astype(float), whole.days, 0)


def test_a_trial_behind_the_median_is_given_up_after_a_fold(models: Path) -> None:
    declare(models, pipeline=CONSTANT)
    alike = level_on((0, 1), (0, 1), (0, 1))
    found, trials = run(constant(trials=30), alike, numbered())
    pruned = [one for one in trials if one.state == "pruned"]
    assert {one.scores for one in pruned} == {(float(one.parameters["level"]),) for one in pruned} != set()
    assert {one.reason for one in pruned} == {"behind the median of earlier trials after fold 1 of 3"}
    assert {len(one.scores) for one in trials if one.state == "complete"} == {3}
    assert (found.outcome.complete, found.outcome.pruned) == (30 - len(pruned), len(pruned))
    assert {one.state for one in trials[:5]} == {"complete"}
    for place, one in enumerate(trials[5:], start=5):
        before = [other.scores[0] for other in trials[:place] if other.state == "complete"]
        assert (one.state == "pruned") == (one.scores[0] > np.median(before))
    assert {one.state for one in run(constant(trials=30, pruning=False), alike, numbered())[1]} == {"complete"}


def test_an_easy_first_fold_shields_nobody(models: Path) -> None:
    declare(models, pipeline=CONSTANT)
    _, trials = run(constant(trials=30), level_on((0, 0), (1000, 1), (1000, 1)), numbered())
    assert {len(one.scores) for one in trials if one.state == "pruned"} == {2}


def test_where_more_is_better_the_least_is_given_up(models: Path) -> None:
    declare(models, pipeline=CONSTANT)
    found, trials = run(constant(trials=30, metric="r2"), level_on((0, 1), (0, 1), (0, 1)), numbered())
    kept, pruned = ([one.scores[0] for one in trials if one.state == state] for state in ("complete", "pruned"))
    assert np.mean(pruned) < np.mean(kept)
    assert found.parameters["level"] == max(kept)


def test_parameters_an_estimator_refuses_are_a_failed_trial_with_the_reason(models: Path) -> None:
    declare(models, pipeline=CONSTANT)
    found, trials = run(constant(space={"level": {"choices": ["odd", 3]}}, trials=6))
    failed = [one for one in trials if one.state == "failed"]
    assert {one.parameters["level"] for one in failed} == {"odd"}
    assert "build_pipeline failed: ValueError: odd" in failed[0].reason
    assert failed[0].scores == ()
    assert (found.parameters, found.outcome.failed) == ({"level": 3}, len(failed))


def test_without_a_trial_that_can_be_scored_the_first_reason_is_said(models: Path) -> None:
    declare(models, pipeline=CONSTANT)
    with pytest.raises(BadData) as caught:
        run(constant(space={"level": {"choices": ["odd", "odder"]}}, trials=3))
    assert "trip_late: none of the 3 trials of the search could be scored. Trial 0 with {'level': " in str(caught.value)
    assert "Check training.search.space against build_pipeline" in str(caught.value)


def test_a_metric_that_is_not_defined_on_a_fold_is_no_score(models: Path) -> None:
    declare(models)
    whole = rows()
    one_class = LabelledRows(
        whole.features, np.where(whole.days > np.datetime64("2013-01-20"), 1.0, whole.target), whole.days, 0
    )
    with pytest.raises(BadData, match="auc is not defined on the rows from 2013-01-21 to 2013-01-24"):
        run(late({"C": C}, metric="auc", trials=2), learnt=one_class)


def test_days_too_few_for_the_folds_are_said_before_anything_is_tried(models: Path) -> None:
    declare(models)
    with pytest.raises(NotFound, match=r"The 3 days .* cannot be split for 3 search folds"):
        run(late({"C": C}), learnt=rows(days=3))


@pytest.mark.parametrize(
    ("budget", "tried", "stopped_by"),
    [
        ({"trials": 3}, 3, "trials"),
        ({"trials": 3, "minutes": 10}, 3, "trials"),
        ({"trials": 30, "minutes": 1.75}, 2, "minutes"),
        ({"trials": None, "minutes": 1.8}, 3, "minutes"),
        ({"trials": None, "minutes": 0.01}, 1, "minutes"),
    ],
)
def test_the_budget_that_is_used_up_first_ends_it(
    models: Path, monkeypatch: pytest.MonkeyPatch, budget: dict[str, Any], tried: int, stopped_by: str
) -> None:
    """The clock goes on by fifteen seconds whenever it is read: at the start, before a trial, twice in it."""
    clock = itertools.count(100.0, 15.0)
    declare(models, pipeline=CONSTANT)
    monkeypatch.setattr(module.time, "monotonic", lambda: next(clock))
    found, trials = run(constant(pruning=False, **budget))
    assert (len(trials), found.outcome.stopped_by) == (tried, stopped_by)


def test_optuna_is_quiet(models: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Our own line may be shown, as whoever runs this has set up logging."""
    declare(models)
    run(late({"C": C}, trials=2))
    said = "".join(capfd.readouterr())
    assert [line for line in said.splitlines() if "Search of trip_late" not in line] == []


def test_the_metric_is_that_of_the_champion_comparison_unless_it_is_named(models: Path) -> None:
    declare(models)
    assert run(late({"C": C}, trials=1))[0].outcome.metric == "brier"
    assert run(late({"C": C}, trials=1, metric=None))[0].outcome.metric == "auc"
    assert Search.model_validate({"space": {"C": C}}).metric is None
