"""The driver of the compose stack: what it needs to know of the stack."""

from pathlib import Path

import pytest

from include.demo import compose
from include.errors import NotFound


def test_settings_come_from_the_environment_file_and_the_shell_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBJECT_STORE_PORT", "9001")
    file = tmp_path / ".env"
    file.write_text("# MLFLOW_PORT=5000\nAIRFLOW_PORT=8081\nOBJECT_STORE_PORT=9000\nOBJECT_STORE_SECRET_KEY=a=b\n")
    env = compose.stack_settings(file)
    assert (env["AIRFLOW_PORT"], env["OBJECT_STORE_SECRET_KEY"]) == ("8081", "a=b")
    assert compose.store_variables(env)["AWS_ENDPOINT_URL"] == "http://127.0.0.1:9001"
    assert "# MLFLOW_PORT" not in env


def test_without_a_stack_the_driver_says_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="make compose-up"):
        compose.stack_settings(tmp_path / ".env")


def test_the_broken_day_is_history_and_the_second_training_sees_the_live_days() -> None:
    days = {compose.FIRST_TRAINING, compose.SECOND_TRAINING}
    assert compose.FIRST_DAY < min(days) < compose.LIVE_DAY < max(days)
    assert all(compose.FIRST_DAY.isoformat() < key < compose.LIVE_DAY.isoformat() for key in compose.CORRUPT)
