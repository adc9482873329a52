"""The user's `pipeline.py`: built with seed and parameters, and its mistakes said with file and reason."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from include.errors import SpecError
from include.training.pipeline import build_pipeline, predict
from tests.declared import declare, spec

REGRESSION = {"task": "regression", "target": {"column": "late"}}
LINEAR = """\
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline


def build_pipeline(params):
    return Pipeline([("line", LinearRegression())])
"""


def test_parameters_and_seed_reach_the_estimator(models: Path) -> None:
    declare(models)
    made = build_pipeline(spec(training={"parameters": {"C": 0.25}, "seed": 11}))
    assert (made[-1].C, made[-1].random_state) == (0.25, 11)


def test_each_build_reads_the_file_as_it_is_now(models: Path) -> None:
    folder = declare(models)
    assert type(build_pipeline(spec())[-1]).__name__ == "LogisticRegression"
    folder.joinpath("pipeline.py").write_text(LINEAR)
    assert type(build_pipeline(spec())[-1]).__name__ == "LinearRegression"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("x = 1\n", "has no function build_pipeline(parameters)"),
        ("def build_pipeline(params):\n    return 3\n", "build_pipeline returned int; required: a Pipeline"),
        ("import no_such_library\n", "cannot be imported: ModuleNotFoundError: No module named 'no_such_library'"),
        ("def build_pipeline(:\n", "cannot be imported: SyntaxError"),
        ("def build_pipeline(params):\n    raise KeyError('depth')\n", "build_pipeline failed: KeyError: 'depth'"),
    ],
)
def test_a_file_that_gives_no_pipeline_says_why(models: Path, source: str, said: str) -> None:
    folder = declare(models, pipeline=source)
    with pytest.raises(SpecError) as caught:
        build_pipeline(spec())
    assert said in str(caught.value)
    assert str(folder / "pipeline.py") in str(caught.value)


def test_a_parameter_the_estimator_does_not_know_is_named(models: Path) -> None:
    declare(models)
    with pytest.raises(SpecError, match=r"build_pipeline failed: TypeError: .*'depth'.*training\.parameters: depth"):
        build_pipeline(spec(training={"parameters": {"depth": 3}}))


def test_a_binary_model_gives_the_probability_of_yes_and_a_regression_the_number(models: Path) -> None:
    declare(models)
    frame = pd.DataFrame({"bus": np.arange(40.0)})
    binary = build_pipeline(spec()).fit(frame, (frame["bus"] > 19).astype(float))
    said = predict(spec(), binary, frame)
    assert (said[0] < 0.1, said[-1] > 0.9, said.dtype) == (True, True, np.float64)
    models.joinpath("trip_late", "pipeline.py").write_text(LINEAR)
    numbers = build_pipeline(spec(**REGRESSION)).fit(frame, 3 * frame["bus"])
    assert predict(spec(**REGRESSION), numbers, frame)[[0, -1]] == pytest.approx([0, 117])
