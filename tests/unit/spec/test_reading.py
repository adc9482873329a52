"""How the loader reads: the same with and without libyaml, and no more files than were asked for."""

from pathlib import Path

import pytest
import yaml

from include.settings import REPOSITORY
from include.spec import file, load_contract, load_model, load_models
from tests.declared import TRIPS, declare

DECLARED = REPOSITORY / "include" / "models"


def test_without_libyaml_the_same_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    fast = load_models(DECLARED)
    monkeypatch.setattr(file, "SAFE_LOADER", yaml.SafeLoader)
    assert load_models(DECLARED) == fast


def test_yaml_cannot_make_objects(models: Path) -> None:
    declare(models, model="owner: !!python/object/apply:os.getcwd []", contract=TRIPS)
    [error] = load_models().errors.values()
    assert "cannot be read as YAML" in str(error)


def test_only_the_asked_for_models_are_read_and_every_contract(models: Path) -> None:
    declare(models, "first", contract=TRIPS)
    declare(models, "second")
    declare(models, "third", model="owner: [")
    found = load_models(only=["second"])
    assert (list(found.models), list(found.contracts), found.errors) == (["second"], ["trips"], {})


def test_one_model_or_contract_is_loaded_beside_broken_ones(models: Path) -> None:
    declare(models, "first", contract=TRIPS)
    declare(models, "second", model="owner: [", contract="dataset: [")
    assert load_model("first").contract == load_contract("trips")
