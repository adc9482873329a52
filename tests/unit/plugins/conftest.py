"""What Airflow hands to a task, without a server behind it."""

import os
import tempfile
from typing import Any
from unittest.mock import create_autospec

os.environ.setdefault("AIRFLOW_HOME", tempfile.mkdtemp(prefix="perennial-plugins-"))

import pytest
from airflow.sdk import Asset
from airflow.sdk.execution_time.context import OutletEventAccessors
from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance


class TaskContext(dict[str, Any]):
    """The context of a task with one outlet; Airflow's side of it is recorded, not played."""

    def __init__(self, outlet: Asset) -> None:
        ti = create_autospec(RuntimeTaskInstance, instance=True)
        ti.map_index = -1
        super().__init__(ti=ti, task_instance=ti, outlets=[outlet], outlet_events=OutletEventAccessors())

    @property
    def pushed(self) -> dict[str, Any]:
        """What the task pushed to XCom, by key."""
        return {call.kwargs["key"]: call.kwargs["value"] for call in self["ti"].xcom_push.call_args_list}

    @property
    def event(self) -> Any:
        """The event on the outlet."""
        return self["outlet_events"][self["outlets"][0]]


@pytest.fixture
def context() -> TaskContext:
    return TaskContext(Asset("out"))
