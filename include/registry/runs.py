"""Training runs in MLflow: what goes in when a model is fitted, what comes out when it is judged."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import mlflow
import pandas as pd
from sklearn.pipeline import Pipeline

from include.errors import NotFound
from include.features.matrix import Floats
from include.registry import model_file
from include.registry.client import tracking
from include.registry.content import content_hash
from include.registry.manifest import Manifest, Snapshots, read_manifest
from include.settings import settings

MANIFEST = "manifest.json"
SNAPSHOTS = "snapshots.json"


@contextmanager
def started(model: str, name: str, tags: Mapping[str, str]) -> Iterator[str]:
    """An MLflow run in the model's experiment, active in the block; gives its id. Marked failed where it raises."""
    with tracking():
        mlflow.set_experiment(model)
        with mlflow.start_run(run_name=name, tags=dict(tags)) as run:
            yield str(run.info.run_id)


def log_snapshots(run_id: str, snapshots: Snapshots) -> None:
    """Logs what the snapshots of a run hold, before anything else: from now on it is known to stand on them."""
    with tracking() as client:
        client.log_text(run_id, snapshots.model_dump_json(indent=2), SNAPSHOTS)


def log_fit(manifest: Manifest, pipeline: Pipeline, sample: pd.DataFrame, said: Floats, seconds: float) -> Manifest:
    """Logs parameters, the model file and the manifest to the active run.

    `said` are the predictions for `sample`, `seconds` how long the fit took. Gives the manifest with the model's
    hashes.
    """
    mlflow.log_metrics({"fit_seconds": seconds, "training_rows": manifest.training_rows})
    made_with = manifest.model_dump(include={"seed", "as_of", "recalibrate", "recalibrate_share"})
    mlflow.log_params({**manifest.parameters, **made_with})
    uri = model_file.log(pipeline, sample, said)
    with tempfile.TemporaryDirectory(prefix="perennial-model-") as folder:
        stored = model_file.download(uri, Path(folder))
        hashes = {
            "model_hash": model_file.file_hash(stored),
            "content_hash": content_hash(stored / model_file.MODEL_FILE),
        }
    complete = manifest.model_copy(update={"model_uri": uri, **hashes})
    mlflow.set_tags({f"perennial.{key}": value for key, value in complete.lineage().items()})
    mlflow.log_text(complete.model_dump_json(indent=2), MANIFEST)
    return complete


def manifest(run_id: str) -> Manifest:
    """The manifest of a run. NotFound where the run or its manifest is missing, BadData where it has another form."""
    return read_manifest(manifest_text(run_id), f"MLflow run {run_id}")


def manifest_text(run_id: str) -> str:
    """The manifest of a run as it is stored. NotFound where the run or its manifest is missing."""
    return _artifact(run_id, MANIFEST)


def snapshots(run_id: str) -> Snapshots:
    """Which partitions a run was fitted and is judged on. NotFound where run or list is missing."""
    return Snapshots.model_validate_json(snapshots_text(run_id))


def snapshots_text(run_id: str) -> str:
    """The same as it is stored."""
    return _artifact(run_id, SNAPSHOTS)


def _artifact(run_id: str, name: str) -> str:
    with tracking() as client:
        client.get_run(run_id)
        try:
            return str(mlflow.artifacts.load_text(f"runs:/{run_id}/{name}"))
        except mlflow.exceptions.MlflowException as problem:
            client.get_run(run_id)  # a server that is away says nothing about what it has
            raise NotFound(f"MLflow run {run_id} has no {name}: its fit did not finish. Fit again.") from problem


def load_fitted(made: Manifest) -> Pipeline:
    """The pipeline a run fitted, before it is registered; its file checked against the manifest."""
    with stored_model(made) as stored:
        return model_file.load(stored, made.model_hash, f"run {made.run_id} of {made.model}")


@contextmanager
def stored_model(made: Manifest) -> Iterator[Path]:
    """A copy of the folder with the model file that a run stored, for the time of the block. It is not checked."""
    with tempfile.TemporaryDirectory(prefix="perennial-model-") as folder, tracking():
        yield model_file.download(made.model_uri, Path(folder))


def log_evaluation(run_id: str, metrics: Mapping[str, float], files: Mapping[str, bytes]) -> None:
    """Adds held-out metrics and files to a finished run."""
    with tracking() as client, tempfile.TemporaryDirectory(prefix="perennial-evidence-") as folder:
        for key, value in metrics.items():
            client.log_metric(run_id, key, value)
        for name, content in files.items():
            Path(folder, name).write_bytes(content)
        client.log_artifacts(run_id, folder, "evidence")


def run_url(run_id: str) -> str:
    """The page of a run in MLflow's web UI."""
    with tracking() as client:
        experiment = client.get_run(run_id).info.experiment_id
    return f"{settings().tracking_ui}/#/experiments/{experiment}/runs/{run_id}"
