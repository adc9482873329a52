"""Every Dag file can be read, and Airflow can store what it reads."""

import shutil
from pathlib import Path

import pendulum
import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.serialization.decoders import decode_timetable
from airflow.serialization.encoders import encode_timetable
from airflow.serialization.serialized_objects import DagSerialization
from airflow.timetables.base import TimeRestriction

from include.settings import REPOSITORY
from include.spec import load_models

PER_DATASET = ("ingest", "judge_quarantined", "backfill")
PER_MODEL = ("request_training", "train", "override", "release", "score", "batch_score", "watch", "watch_served")


def test_every_file_is_read_without_an_error(dagbag: DagBag) -> None:
    assert dagbag.import_errors == {}


def test_each_model_and_dataset_has_its_dags(dagbag: DagBag) -> None:
    declared = load_models()
    expected = {f"{step}_{model}" for step in PER_MODEL for model in declared.models}
    expected -= {f"request_training_{name}" for name, model in declared.models.items() if not model.training.schedule}
    expected |= {f"{step}_{dataset}" for step in PER_DATASET for dataset in declared.contracts} | {
        "break_glass",
        "roll_back",
        "rollout",
        "silence",
    }
    expected |= {f"materialise_features_{dataset}" for dataset, windows in declared.windows.items() if windows}
    expected |= {f"check_features_{name}" for name, model in declared.models.items() if model.windows}
    assert set(dagbag.dags) == expected


def test_every_dag_survives_a_round_trip_through_the_metadata_database(dagbag: DagBag) -> None:
    for dag_id, dag in dagbag.dags.items():
        back = DagSerialization.from_dict(DagSerialization.to_dict(dag))
        assert back.dag_id == dag_id
        assert set(back.task_ids) == set(dag.task_ids)


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the declared models that a test may change."""
    folder = tmp_path / "models"
    shutil.copytree(REPOSITORY / "include" / "models", folder)
    monkeypatch.setenv("PERENNIAL_MODELS", str(folder))
    return folder


def test_a_third_folder_is_a_third_model_and_nothing_else_changes(models: Path, dagbag: DagBag) -> None:
    third = models / "late_evening"
    third.mkdir()
    shutil.copy(models / "flight_delay" / "pipeline.py", third / "pipeline.py")
    (third / "model.yaml").write_text(
        "owner: somebody\ntask: binary\ndataset: flights\ntarget: {column: arr_delay, above: 60}\n"
        "label_delay_days: 1\nfeatures:\n  numeric: [sched_dep_minute]\n  categorical: [carrier]\n"
    )
    found = DagBag(dag_folder=str(REPOSITORY / "dags"))
    assert found.import_errors == {}
    assert set(found.dags) - set(dagbag.dags) == {f"{step}_late_evening" for step in PER_MODEL}


def test_a_misspelt_model_is_an_import_error_and_hides_no_other(models: Path, dagbag: DagBag) -> None:
    file = models / "flight_delay" / "model.yaml"
    file.write_text(file.read_text().replace("label_delay_days", "label_dealy_days"))
    found = DagBag(dag_folder=str(REPOSITORY / "dags"))
    [(path, message)] = found.import_errors.items()
    assert path.endswith("declarations.py")
    assert str(file) in message
    assert "key 'label_dealy_days' is unknown. Did you mean 'label_delay_days'?" in message
    assert "Choices: " in message
    assert set(dagbag.dags) - set(found.dags) == {f"{step}_flight_delay" for step in PER_MODEL}


def test_live_traffic_is_watched_when_its_day_has_ended(dagbag: DagBag) -> None:
    timetable = decode_timetable(encode_timetable(dagbag.dags["watch_served_flight_delay"].timetable))
    since = TimeRestriction(earliest=pendulum.datetime(2030, 1, 2), latest=None, catchup=True)
    run = timetable.next_dagrun_info_v2(last_dagrun_info=None, restriction=since)
    assert run is not None
    assert (run.run_after, run.partition_key) == (pendulum.datetime(2030, 1, 2, 0, 40), "2030-01-01")
