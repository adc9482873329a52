"""What a Celery worker has in memory before it forks."""

import importlib
import logging
import sys
from types import SimpleNamespace

import pytest


def test_a_library_that_cannot_be_imported_is_logged_and_does_not_stop_the_worker(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    libraries = SimpleNamespace(LIBRARIES=("json.tool", "a_library_that_is_not_there"))
    monkeypatch.setitem(sys.modules, "plugins.executors.warm", libraries)
    monkeypatch.delitem(sys.modules, "plugins.executors.warm_celery", raising=False)
    with caplog.at_level(logging.ERROR):
        warm_celery = importlib.import_module("plugins.executors.warm_celery")
    monkeypatch.delitem(sys.modules, "plugins.executors.warm_celery")
    assert warm_celery.IMPORTED == ("json.tool",)
    assert "Could not import a_library_that_is_not_there" in caplog.text
