"""What a model file says is the same for every fit of the same inputs, though its bytes never are."""

import io
import json
import subprocess
import sys
import time
from typing import Any

import numpy as np
import pytest
import skops.io
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from threadpoolctl import threadpool_limits

from include.registry.content import content_hash
from include.settings import REPOSITORY

RANDOM = np.random.default_rng(3)
X = RANDOM.normal(size=(300, 3))
Y = (X[:, 0] + RANDOM.normal(size=300) > 0).astype(float)


def fitted(rows: int = 300, **changes: Any) -> Pipeline:
    parameters = {"max_iter": 3, "random_state": 7, "early_stopping": False, **changes}
    trees = HistGradientBoostingClassifier(**parameters)
    return Pipeline([("scale", StandardScaler()), ("trees", trees)]).fit(X[:rows], Y[:rows])


def saved(pipeline: object) -> bytes:
    return bytes(skops.io.dumps(pipeline))


def content(pipeline: object) -> str:
    return content_hash(io.BytesIO(saved(pipeline)))


def test_the_file_differs_from_save_to_save_and_its_content_does_not() -> None:
    pipeline = fitted()
    first = saved(pipeline)
    time.sleep(2.1)  # a zip entry's time has a resolution of two seconds
    second = saved(pipeline)
    assert first != second
    assert content_hash(io.BytesIO(first)) == content_hash(io.BytesIO(second)) == content(fitted())


@pytest.mark.parametrize(
    "changes",
    [{"rows": 299}, {"max_iter": 4}, {"learning_rate": 0.1000001}, {"random_state": 8}, {"early_stopping": "auto"}],
)
def test_another_fit_has_another_content(changes: dict[str, Any]) -> None:
    assert content(fitted(**changes)) != content(fitted())


def test_how_many_threads_fitted_it_is_no_content(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "2")  # otherwise scikit-learn takes no more than there are cores
    found = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            found.append(fitted())
    assert [one[-1]._bin_mapper.n_threads for one in found] == [1, 2]
    assert content(found[0]) == content(found[1])


def test_one_bit_of_one_learnt_number_is_another_content() -> None:
    pipeline = fitted()
    before = content(pipeline)
    pipeline[0].mean_[1] = np.nextafter(pipeline[0].mean_[1], 1)
    assert content(pipeline) != before


def test_equal_parameters_are_equal_wherever_they_were_read_from() -> None:
    """Two equal texts of a JSON file are one object in memory, those of a YAML file are two."""
    word = json.loads('["infrequent_if_exist"]')[0]
    encoders = [OneHotEncoder(handle_unknown=one).fit([["a"], ["b"]]) for one in ("infrequent_if_exist", word)]
    shared, apart = [[word, word], [word, json.loads(f'"{word}"')]]
    assert (shared[0] is shared[1], apart[0] is apart[1]) == (True, False)
    assert content(encoders[0]) == content(encoders[1])
    assert content({"x": shared}) == content({"x": apart})


def test_the_order_of_a_list_is_content_and_that_of_a_set_is_none() -> None:
    assert content(["a", "b"]) != content(["b", "a"])
    script = (
        "import io, skops.io; from include.registry.content import content_hash;"
        "print(content_hash(io.BytesIO(skops.io.dumps({'words': {'a', 'b', 'c', 'd', 'e'}}))))"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", script], check=True, capture_output=True, text=True, cwd=REPOSITORY,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(REPOSITORY)},
        ).stdout
        for seed in ("1", "2", "3")
    }  # fmt: skip
    assert printed == {content({"words": {"a", "b", "c", "d", "e"}}) + "\n"}
