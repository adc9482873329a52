"""The user's `pipeline.py`: built with seed and parameters, and its mistakes said with file and reason."""

from pathlib import Path

import pytest

from include.errors import SpecError
from include.training.pipeline import build_pipeline
from tests.declared import declare, spec

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
