"""Interpreter, machine and libraries: named where they differ, and no reason to stop."""

from typing import Any

import pytest

from include.rebuild.comparison import stops
from include.rebuild.inputs import compared_surroundings
from include.registry.surroundings import Surroundings

HERE: dict[str, Any] = {
    "python": "CPython 3.11.7", "system": "Linux x86_64 glibc 2.36", "libraries": {"numpy": "2.4.1", "scipy": "1.17.0"},
    "blas": "openblas 0.3.30 SkylakeX", "threads": 2,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({}, {}),
        ({"python": "CPython 3.12.1"}, {"python": "CPython 3.12.1"}),
        ({"system": "Linux aarch64"}, {"system": "Linux aarch64"}),
        ({"libraries": {"numpy": "2.5", "scipy": "1.17.0"}}, {"numpy": "2.5"}),
        ({"libraries": {"numpy": "2.4.1"}}, {"scipy": "not installed"}),
        ({"blas": "mkl 2025", "threads": 8}, {"linear algebra": "mkl 2025", "threads": "8"}),
    ],
)
def test_what_is_another_here_is_named_and_does_not_stop(changes: dict[str, Any], named: dict[str, str]) -> None:
    made = Surroundings.model_validate(HERE)
    found = compared_surroundings(made, Surroundings.model_validate({**HERE, **changes}))
    assert [one.name for one in found] == ["python", "system", "numpy", "scipy", "linear algebra", "threads"]
    assert {one.name: one.found for one in found if not one.equal} == named
    assert not stops(found)
