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
from include.registry.manifest import Manifest
from include.settings import settings

MANIFEST = "manifest.json"


@contextmanager
def started(model: str, name: str, tags: Mapping[str, str]) -> Iterator[str]:
    """An MLflow run in the model's experiment, active in the block; gives its id. Marked failed where it raises."""
    with tracking():
        mlflow.set_experiment(model)
        with mlflow.start_run(run_name=name, tags=dict(tags)) as run:
            yield str(run.info.run_id)


def log_fit(
    manifest: Manifest, pipeline: Pipeline, sample: pd.DataFrame, predictions: Floats, seconds: float
) -> Manifest:
    """Logs parameters, the model file and the manifest to the active run; gives the manifest with the model's hash."""
    mlflow.log_metrics({"fit_seconds": seconds, "training_rows": manifest.training_rows})
    mlflow.log_params({**manifest.parameters, "seed": manifest.seed, "as_of": manifest.as_of})
    model_uri = model_file.log(pipeline, sample, predictions)
    with tempfile.TemporaryDirectory(prefix="perennial-model-") as folder:
        digest = model_file.content_hash(model_file.download(model_uri, Path(folder)))
    complete = manifest.model_copy(update={"model_uri": model_uri, "model_hash": digest})
    mlflow.set_tags({f"perennial.{key}": value for key, value in complete.lineage().items()})
    mlflow.log_text(complete.model_dump_json(indent=2), MANIFEST)
    return complete


def manifest(run_id: str) -> Manifest:
    """The manifest of a run. NotFound where the run or its manifest is missing."""
    with tracking() as client:
        client.get_run(run_id)
        try:
            return Manifest.model_validate_json(mlflow.artifacts.load_text(f"runs:/{run_id}/{MANIFEST}"))
        except mlflow.exceptions.MlflowException as problem:
            raise NotFound(f"MLflow run {run_id} has no {MANIFEST}: its fit did not finish. Fit again.") from problem


def load_fitted(made: Manifest) -> Pipeline:
    """The pipeline a run fitted, before it is registered; its file checked against the manifest."""
    with tempfile.TemporaryDirectory(prefix="perennial-model-") as folder, tracking():
        stored = model_file.download(made.model_uri, Path(folder))
        return model_file.load(stored, made.model_hash, f"run {made.run_id} of {made.model}")


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
