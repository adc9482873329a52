"""What decides the last bit of a number besides code, data and parameters."""

import platform
from importlib.metadata import version

import pytest
import sklearn.linear_model  # noqa: F401 - loads the libraries a fit uses
from threadpoolctl import threadpool_limits

from include.registry import surroundings as module
from include.registry.surroundings import surroundings


def test_they_name_interpreter_machine_and_numeric_libraries() -> None:
    found = surroundings()
    assert found.python == f"CPython {platform.python_version()}"
    assert found.system.split() == [platform.system(), platform.machine(), *filter(None, platform.libc_ver())]
    assert found.libraries == {name: version(name) for name in ("numpy", "scipy", "scikit-learn", "pandas", "pyarrow")}


def test_they_count_the_threads_that_may_be_used() -> None:
    with threadpool_limits(1):
        assert surroundings().threads == 1
    with threadpool_limits(3):
        assert surroundings().threads == 3


def test_the_same_library_loaded_twice_is_named_once(monkeypatch: pytest.MonkeyPatch) -> None:
    blas = {"user_api": "blas", "internal_api": "openblas", "version": "0.3", "architecture": "Zen", "num_threads": 2}
    openmp = {"user_api": "openmp", "internal_api": "openmp", "version": None, "num_threads": 5}
    monkeypatch.setattr(module, "threadpool_info", lambda: [blas, openmp, blas, {**blas, "architecture": "Haswell"}])
    found = surroundings()
    assert (found.blas, found.threads) == ("openblas 0.3 Haswell, openblas 0.3 Zen", 5)
    monkeypatch.setattr(module, "threadpool_info", list)
    assert (surroundings().blas, surroundings().threads) == ("", 1)
