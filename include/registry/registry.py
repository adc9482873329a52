"""Versions and aliases in the MLflow registry: read by alias, resolved to a version, verified after setting."""

import tempfile
from pathlib import Path
from typing import Literal

from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from sklearn.pipeline import Pipeline

from include.errors import NotFound, Outage
from include.registry import model_file
from include.registry.client import pages, tracking
from include.spec.contract import Frozen

Alias = Literal["champion", "challenger"]


class Version(Frozen):
    """One registered version: where its run is, and the hash its file must have."""

    model: str
    version: str
    run_id: str
    model_hash: str


def register(model: str, run_id: str, model_uri: str, model_hash: str) -> Version:
    """Registers the run's model and points `challenger` at it. The same run twice is the same version."""
    with tracking() as client:
        found = _of_run(client, model, run_id)
        if found is None:
            _ensure_registered_model(client, model)
            created = client.create_model_version(
                model, model_uri, run_id=run_id, tags={"model_hash": model_hash}, model_id=model_uri.rpartition("/")[2]
            )
            found = Version(model=model, version=str(created.version), run_id=run_id, model_hash=model_hash)
    point(model, "challenger", found.version)
    return found


def version(model: str, number: str) -> Version:
    """One version by its number. NotFound names the versions there are."""
    try:
        with tracking() as client:
            return _version(client.get_model_version(model, number))
    except NotFound as problem:
        known = ", ".join(known_versions(model)) or "none"
        raise NotFound(f"Model {model} has no version {number!r}. Versions: {known}.") from problem


def known_models() -> list[str]:
    """The names of all registered models, declared here or not."""
    with tracking() as client:
        return sorted(str(one.name) for one in pages(lambda token: client.search_registered_models(page_token=token)))


def known_versions(model: str) -> list[str]:
    """All version numbers, oldest first."""
    with tracking() as client:
        found = pages(lambda token: client.search_model_versions(f"name='{model}'", page_token=token))
        return sorted((str(one.version) for one in found), key=int)


def aliased(model: str, alias: Alias) -> str | None:
    """The version an alias points at, None where it is not set."""
    with tracking() as client:
        try:
            return str(client.get_model_version_by_alias(model, alias).version)
        except MlflowException as problem:
            if problem.error_code in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}:
                return None
            raise


def point(model: str, alias: Alias, number: str) -> None:
    """Sets an alias and reads it back: MLflow's alias has no precondition, so what it says is checked."""
    with tracking() as client:
        client.set_registered_model_alias(model, alias, number)
    found = aliased(model, alias)
    if found != number:
        raise Outage(f"{model}: alias '{alias}' was set to version {number} but reads {found}. Run this step again.")


def unpoint(model: str, alias: Alias, number: str) -> None:
    """Removes an alias, if it still points at this version."""
    if aliased(model, alias) == number:
        with tracking() as client:
            client.delete_registered_model_alias(model, alias)


def load(wanted: Version) -> Pipeline:
    """The fitted pipeline of a version, its file checked against the registered hash."""
    with tempfile.TemporaryDirectory(prefix="perennial-model-") as folder, tracking():
        stored = model_file.download(f"models:/{wanted.model}/{wanted.version}", Path(folder))
        return model_file.load(stored, wanted.model_hash, f"{wanted.model} v{wanted.version}")


def _ensure_registered_model(client: MlflowClient, model: str) -> None:
    try:
        client.create_registered_model(model)
    except MlflowException as problem:
        if problem.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def _of_run(client: MlflowClient, model: str, run_id: str) -> Version | None:
    found = client.search_model_versions(f"name='{model}' and run_id='{run_id}'")
    return _version(found[0]) if found else None


def _version(found: ModelVersion) -> Version:
    return Version(
        model=str(found.name),
        version=str(found.version),
        run_id=str(found.run_id),
        model_hash=str(found.tags.get("model_hash", "")),
    )
