"""The model file: scikit-learn pipelines in skops form, with an explicit list of trusted types, checked by hash.

MLflow loads such a file with the list that is stored beside it, so that who can change the artifact can change the
list: we load it ourselves, with our own list, after its SHA-256 was compared. Loading needs no MLflow.
"""

import hashlib
from pathlib import Path
from typing import Any

import pandas as pd
from sklearn.pipeline import Pipeline

from include.errors import BadData
from include.features.matrix import Floats
from include.registry.skops_io import skops_io

MODEL_FILE = "model.skops"
TRUSTED_TYPES = [
    "include.training.recalibration.Recalibrated",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.tree._tree.Tree",
]
REQUIREMENTS = ("scikit-learn", "pandas", "skops")


def log(pipeline: Pipeline, sample: pd.DataFrame, predictions: Floats) -> str:
    """Logs the pipeline to the active MLflow run and gives its `models:/` URI."""
    from importlib.metadata import version  # noqa: PLC0415 - only where a model is saved

    import mlflow.sklearn  # noqa: PLC0415
    from mlflow.models import infer_signature  # noqa: PLC0415

    info: Any = mlflow.sklearn.log_model(
        pipeline,
        name="model",
        signature=infer_signature(sample, predictions),
        skops_trusted_types=TRUSTED_TYPES,
        pip_requirements=[f"{name}=={version(name)}" for name in REQUIREMENTS],
    )
    return str(info.model_uri)


def download(model_uri: str, folder: Path) -> Path:
    """The model's folder as stored, copied into `folder`."""
    import mlflow.artifacts  # noqa: PLC0415 - only where a model is fetched

    return Path(mlflow.artifacts.download_artifacts(artifact_uri=model_uri, dst_path=str(folder)))


def file_hash(folder: Path) -> str:
    """SHA-256 of the file that holds the fitted pipeline."""
    return hashlib.sha256((folder / MODEL_FILE).read_bytes()).hexdigest()


def load(folder: Path, expected_hash: str, name: str) -> Pipeline:
    """The fitted pipeline, if the file is the one that was registered; BadData otherwise.

    Only the hashed file is read, and only the types listed here are made from it.
    """
    found = file_hash(folder)
    if found != expected_hash:
        raise BadData(
            f"{name}: the model file has SHA-256 {found[:16]}, registered was {expected_hash[:16]}. "
            "It was changed after registration and is not loaded. Restore the artifact, or roll back."
        )
    pipeline: Pipeline = skops_io.load(folder / MODEL_FILE, trusted=TRUSTED_TYPES)
    return pipeline
