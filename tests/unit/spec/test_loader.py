"""The loader: a folder is a model, and what is wrong names file, key, value and choices."""

from pathlib import Path
from typing import Any

import pytest

from include.errors import NotFound, SpecError
from include.spec import load_contract, load_model, load_models
from tests.declared import LATE, TRIPS, declare

THIRD = """\
owner: depot
task: regression
dataset: trips
target: {column: late}
features:
  numeric: [bus]
  categorical: [line, full]
"""


def broken(models: Path, name: str = "trip_late") -> str:
    """The message of the model's error."""
    with pytest.raises(SpecError) as caught:
        load_model(name)
    assert str(models / name) in str(caught.value)
    return str(caught.value)


def with_key(dotted: str, value: object) -> dict[str, Any]:
    """The model with one key set, nested ones by dots."""
    changed: dict[str, Any] = {**LATE}
    here = changed
    *path, last = dotted.split(".")
    for step in path:
        here[step] = {**here.get(step, {})}
        here = here[step]
    here[last] = value
    return changed


def test_a_model_and_its_contract_are_loaded_from_one_folder(models: Path) -> None:
    declare(models, contract=TRIPS)
    declared = load_models()
    assert list(declared.models) == ["trip_late"]
    assert list(declared.contracts) == ["trips"]
    assert declared.errors == {}
    assert declared.models["trip_late"].contract == declared.contracts["trips"]


def test_a_third_model_is_one_folder_with_a_short_file_and_nothing_else(models: Path) -> None:
    declare(models, contract=TRIPS)
    declare(models, "trip_early")
    declare(models, "trip_minutes", model=THIRD)
    third = load_model("trip_minutes")
    assert list(load_models().models) == ["trip_early", "trip_late", "trip_minutes"]
    assert len(THIRD.splitlines()) <= 15
    assert (third.dataset, third.task, third.label_delay_days) == ("trips", "regression", 0)
    assert third.features.names == ("bus", "line", "full")
    assert (third.training.held_out_days, third.training.min_rows, third.training.place) == (14, 500, "local")
    assert third.gates.absolute_floor == {"r2": 0.0}
    assert third.gates.names == (
        "absolute_floor", "champion_comparison", "slices", "robustness", "leakage", "not_degenerate",
        "reference_sanity", "round_trip", "resources", "training_data",
    )  # fmt: skip
    assert third.release.approval is True
    assert (third.monitoring.warn, third.monitoring.alert, third.monitoring.critical) == (0.1, 0.2, 0.3)


def test_defaults_of_the_gates_follow_the_task_and_one_named_gate_leaves_the_others(models: Path) -> None:
    floor = {"absolute_floor": {"brier": 0.2}}
    declare(models, model={**LATE, "gates": floor}, contract=TRIPS)
    gates = load_model("trip_late").gates
    assert gates.absolute_floor == {"brier": 0.2}
    assert (gates.champion_comparison.metric, gates.champion_comparison.margin) == ("auc", 0.01)


@pytest.mark.parametrize(
    ("key", "meant", "choice"),
    [
        ("ownr", "owner", "label_delay_days"),
        ("training.held_out_day", "held_out_days", "history_days"),
        ("training.place", None, "local"),
        ("gates.absolute_flor", "absolute_floor", "champion_comparison"),
        ("gates.not_degenerate.min_relativ_spread", "min_relative_spread", "min_relative_spread"),
        ("monitoring.cool_down", "cool_down_days", "of_windows"),
        ("release.aproval", "approval", "approval_timeout_hours"),
        ("target.colum", "column", "above"),
    ],
)
def test_a_misspelt_key_names_file_key_choices_and_the_one_that_was_meant(
    models: Path, key: str, meant: str | None, choice: str
) -> None:
    declare(models, model=with_key(key, "moon"), contract=TRIPS)
    message = broken(models)
    assert "model.yaml" in message
    assert f"key '{key}'" in message
    assert choice in message
    assert meant is None or f"Did you mean '{meant}'?" in message


def test_a_key_nothing_resembles_gets_choices_and_no_guess(models: Path) -> None:
    declare(models, model={**LATE, "zzz": 1}, contract=TRIPS)
    message = broken(models)
    assert "Did you mean" not in message
    assert "Choices: alerts, dataset, description, features" in message
    assert "contract" not in message.partition("Choices")[2]


def test_a_key_in_the_place_of_a_pod_is_named_as_it_is_written(models: Path) -> None:
    place = {"kubernetes": {"image": "perennial:1", "memmory": "4Gi"}}
    declare(models, model=with_key("training.place", place), contract=TRIPS)
    message = broken(models)
    assert "key 'training.place.kubernetes.memmory' is unknown. Did you mean 'memory'?" in message
    assert "'local'" in message
    assert "literal[" not in message


@pytest.mark.parametrize(
    ("key", "value", "choice"),
    [
        ("task", "ranking", "'binary', 'multiclass' or 'regression'"),
        ("gates.absolute_floor", {"acc": 0.5}, "'auc', 'average_precision', 'log_loss'"),
        ("training.min_rows", 0, "greater than or equal to 1"),
        ("monitoring.warn", "much", "valid number"),
        ("gates.champion_comparison", {"metric": "auc", "margin": -0.1}, "greater than or equal to 0"),
        ("gates.champion_comparison", {"metric": "auc", "margin": 0.1, "confidence": 0.5}, "greater than 0.5"),
        ("gates.absolute_floor", {"auc": float("nan")}, "finite"),
        ("gates.champion_comparison", {"metric": "auc", "margin": float("inf")}, "finite"),
    ],
)
def test_a_wrong_value_names_key_value_and_what_is_required(models: Path, key: str, value: object, choice: str) -> None:
    declare(models, model=with_key(key, value), contract=TRIPS)
    message = broken(models)
    shown = [*value, *value.values()] if isinstance(value, dict) else [value]
    assert f"key '{key}" in message
    assert choice in message
    assert any(repr(one) in message for one in shown)


def test_a_missing_key_is_named(models: Path) -> None:
    declare(models, model={key: value for key, value in LATE.items() if key != "owner"}, contract=TRIPS)
    assert "key 'owner' is missing" in broken(models)


@pytest.mark.parametrize("word", ["name", "contract"])
def test_what_the_folder_says_may_not_be_said_again(models: Path, word: str) -> None:
    declare(models, model={**LATE, word: "x"}, contract=TRIPS)
    assert f"key '{word}' is not set here" in broken(models)


@pytest.mark.parametrize("dataset", ["boats", None, 7])
def test_an_unknown_dataset_names_the_datasets_there_are(models: Path, dataset: object) -> None:
    declare(models, model={**LATE, "dataset": dataset}, contract=TRIPS)
    message = broken(models)
    assert f"key 'dataset' has value {dataset!r}. Choices: trips." in message


def test_a_folder_name_that_is_no_name_is_refused_as_the_folder(models: Path) -> None:
    declare(models, "Trip-Late", contract=TRIPS)
    message = broken(models, "Trip-Late")
    assert "folder" in message
    assert "'Trip-Late'" in message
    assert "small letters" in message


def test_a_folder_without_its_files_says_which_one_is_missing(models: Path) -> None:
    declare(models, "no_pipeline", pipeline=None, contract=TRIPS)
    models.joinpath("no_model").mkdir()
    assert "pipeline.py is missing" in broken(models, "no_pipeline")
    assert "model.yaml: missing" in broken(models, "no_model")


@pytest.mark.parametrize(
    ("text", "said"), [("a: [", "cannot be read as YAML"), ("- a", "found list"), ("", "found NoneType")]
)
def test_a_file_that_is_no_mapping_is_refused(models: Path, text: str, said: str) -> None:
    declare(models, model=text, contract=TRIPS)
    assert said in broken(models)


def test_keys_that_are_no_text_are_refused(models: Path) -> None:
    declare(models, model="1: a\nowner: b\ndataset: trips\n", contract=TRIPS)
    assert "1" in broken(models)


def test_a_bad_folder_never_hides_good_ones(models: Path) -> None:
    declare(models, contract=TRIPS)
    declare(models, "bad_yaml", model=": [")
    declare(models, "bad_key", model={**LATE, "ownr": 1})
    declare(models, "bad_contract", model={**LATE, "dataset": "boats"}, contract={**TRIPS, "keys": []})
    declared = load_models()
    assert list(declared.models) == ["trip_late"]
    assert list(declared.contracts) == ["trips"]
    assert {f"{path.parent.name}/{path.name}" for path in declared.errors} == {
        "bad_yaml/model.yaml",
        "bad_key/model.yaml",
        "bad_contract/model.yaml",
        "bad_contract/contract.yaml",
    }


def test_the_contract_is_blamed_before_the_model_that_needs_it(models: Path) -> None:
    declare(models, contract={**TRIPS, "evnt_time": "at"})
    message = broken(models)
    assert "contract.yaml" in message
    assert "Did you mean 'event_time'?" in message


def test_two_contracts_for_one_dataset_are_refused_naming_both_files(models: Path) -> None:
    declare(models, "first", contract=TRIPS)
    second = declare(models, "second", contract=TRIPS) / "contract.yaml"
    declared = load_models()
    message = str(declared.errors[second])
    assert set(declared.errors) == {second}
    assert list(declared.models) == ["first", "second"]
    assert str(second) in message
    assert str(models / "first" / "contract.yaml") in message


def test_hidden_folders_and_files_are_no_models(models: Path) -> None:
    declare(models, contract=TRIPS)
    models.joinpath("__pycache__").mkdir()
    models.joinpath(".git").mkdir()
    models.joinpath("README.md").write_text("notes")
    declared = load_models()
    assert (list(declared.models), declared.errors) == (["trip_late"], {})


def test_an_unknown_model_or_dataset_names_those_there_are(models: Path) -> None:
    declare(models, contract=TRIPS)
    with pytest.raises(NotFound, match=r"No model 'trip'.*Models: trip_late\."):
        load_model("trip")
    with pytest.raises(NotFound, match=r"No dataset 'boats'.*Datasets: trips\."):
        load_contract("boats")
    assert load_contract("trips").dataset == "trips"


def test_a_folder_that_is_named_is_read_in_place_of_the_configured_one(models: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    declare(other, "boat_late", model={**LATE, "dataset": "boats"}, contract={**TRIPS, "dataset": "boats"})
    declare(models, contract=TRIPS)
    assert load_model("boat_late", other).dataset == load_contract("boats", other).dataset == "boats"
    with pytest.raises(NotFound, match=r"Models: trip_late\."):
        load_model("boat_late")
    with pytest.raises(NotFound, match=r"Datasets: trips\."):
        load_contract("boats")


def test_a_rule_that_is_broken_is_named_by_its_section(models: Path) -> None:
    declare(models, model=with_key("monitoring.violations", 9), contract=TRIPS)
    assert "model.yaml: monitoring: violations 9 can never be reached in 5 windows." in broken(models)


def test_an_unknown_dataset_is_blamed_on_the_contract_that_cannot_be_read(models: Path) -> None:
    declare(models, contract={**TRIPS, "keys": []})
    with pytest.raises(SpecError, match=r"contract\.yaml: key 'keys'"):
        load_contract("trips")


def test_a_models_folder_that_is_not_there_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="PERENNIAL_MODELS") as caught:
        load_models(tmp_path / "nowhere")
    assert str(tmp_path / "nowhere") in str(caught.value)
