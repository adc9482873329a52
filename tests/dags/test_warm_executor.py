"""The executor that imports libraries for its workers."""

import logging
import sys

import pytest

from plugins.executors import warm


def test_a_library_that_is_missing_does_not_stop_the_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    """The task that needs it fails with its own message; every other task goes on."""
    monkeypatch.setattr(warm, "LIBRARIES", ("no_such_library", "wave"))
    monkeypatch.delitem(sys.modules, "wave", raising=False)
    warm.WarmLocalExecutor(parallelism=1)._warm_up()
    assert "wave" in sys.modules
    assert "no_such_library" not in sys.modules
    assert logging.root.manager.disable == logging.NOTSET


def test_no_module_of_this_repository_is_kept_in_memory() -> None:
    """Workers would run the code as it was when the scheduler started."""
    assert not [name for name in warm.LIBRARIES if name.startswith(("include", "plugins"))]
