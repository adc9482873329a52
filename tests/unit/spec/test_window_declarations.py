"""features.yaml: what is declared is what is meant, and what is wrong names file, key, value and choices."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from include.errors import SpecError
from include.spec import WindowFeature, load_model, load_models, load_windows
from tests.declared import LATE, TRIPS, declare

DELAY = {"aggregate": "mean", "of": "late", "by": ["line"], "window": "7d", "known_after": "1d"}
FULL = {"aggregate": "rate", "of": "full", "by": ["line", "bus"], "window": "12h", "step": "30m"}
AFTER = {**TRIPS, "columns": {**TRIPS["columns"], "late": {**TRIPS["columns"]["late"], "known": "after"}}}


def declared(models: Path, windows: Any, contract: Any = TRIPS, **model: Any) -> Path:
    """A model beside its contract and these window features; gives the file of the latter."""
    folder = declare(models, model={**LATE, **model}, contract=contract)
    file = folder / "features.yaml"
    file.write_text(yaml.safe_dump(windows))
    return file


def listing(*names: str) -> dict[str, Any]:
    return {"features": {"numeric": ["bus", *names], "categorical": ["line"]}}


def test_window_features_belong_to_a_dataset_and_models_list_those_they_use(models: Path) -> None:
    declared(models, {"delay_7d": DELAY, "full_12h": FULL}, **listing("delay_7d"))
    declare(models, "another")
    assert list(load_windows("trips")) == ["delay_7d", "full_12h"]
    assert load_model("trip_late").windows == {"delay_7d": WindowFeature.model_validate(DELAY)}
    assert load_model("trip_late").features.names == ("bus", "delay_7d", "line")
    assert load_model("another").windows == {}
    assert load_models().errors == {}


def test_a_dataset_without_the_file_has_none(models: Path) -> None:
    declare(models, contract=TRIPS)
    assert load_windows("trips") == {}


def test_the_way_back_covers_the_window_and_a_day_on_both_sides() -> None:
    assert WindowFeature.model_validate(DELAY).lookback == timedelta(days=9)
    assert WindowFeature.model_validate(FULL).lookback == timedelta(days=3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"agregate": "mean"}, "key 'delay.agregate' is unknown. Did you mean 'aggregate'?"),
        ({"aggregate": "median"}, "key 'delay.aggregate' has value 'median'"),
        ({"window": "7 days"}, "key 'delay.window' has value '7 days'"),
        ({"window": "90m"}, "delay: step 1h must divide the day and the window 90m"),
        ({"step": "7h", "window": "7d"}, "delay: step 7h must divide the day"),
        ({"known_after": "7d"}, "window 7d is over before anything in it is known, after 7d"),
        ({"known_at": "at"}, "known_after and known_at say the same thing twice"),
        ({"of": None}, "a mean is made of a column: name it with 'of'"),
        ({"above": 3.0}, "above belongs to a rate, not to a mean"),
        ({"by": ["line", "line"]}, "by names a column twice: line"),
        ({"by": []}, "key 'delay.by' has value []"),
        ({"by": ["lane"]}, "delay.by names 'lane', which the contract lacks. Columns: at, bus"),
        ({"by": ["late"]}, "delay.by names 'late' of type float; required: string or int"),
        ({"by": ["driver"]}, "delay.by names 'driver', which is personal"),
        ({"of": "line"}, "delay.of names 'line' of type string; required: int or float or bool"),
        ({"known_after": None, "known_at": "bus"}, "delay.known_at names 'bus' of type int; required: timestamp"),
        ({"aggregate": "rate"}, "delay: a rate of numbers needs 'above'"),
        ({"aggregate": "rate", "of": "full", "above": 1.0}, "one of a bool column must not have it"),
        ({"decimals": 12}, "key 'delay.decimals' has value 12"),
    ],
)
def test_what_cannot_be_is_refused_by_name(models: Path, change: dict[str, Any], message: str) -> None:
    file = declared(models, {"delay": {**DELAY, **change}})
    with pytest.raises(SpecError) as caught:
        load_windows("trips")
    assert message in str(caught.value)
    assert str(file) in str(caught.value)
    assert load_models().models.keys() == {"trip_late"}


def test_what_is_known_after_the_event_says_when(models: Path) -> None:
    declared(models, {"delay": {**DELAY, "known_after": None}}, AFTER)
    with pytest.raises(SpecError, match=r"'late', which is known only after the event .*: say when, with known_after"):
        load_windows("trips")


def test_an_entity_is_known_when_it_is_asked_for(models: Path) -> None:
    after = {**TRIPS, "columns": {**TRIPS["columns"], "line": {"type": "string", "known": "after"}}}
    declared(models, {"delay": DELAY}, after)
    with pytest.raises(SpecError, match=r"delay.by names 'line', which is known only after the event"):
        load_windows("trips")


def test_a_label_is_not_seen_before_the_model_has_it(models: Path) -> None:
    declared(models, {"delay": DELAY}, **listing("delay"), label_delay_days=2)
    with pytest.raises(SpecError, match=r"sees the target 'late' 1d after its event .*known after 2 days"):
        load_model("trip_late")


def test_a_name_is_a_column_or_a_window_feature(models: Path) -> None:
    declared(models, {"bus": DELAY})
    with pytest.raises(SpecError, match="'bus' is a column of trips: give the window feature another name"):
        load_windows("trips")


@pytest.mark.parametrize("name", ["Delay", "7d", "delay-7d"])
def test_a_name_is_small_letters(models: Path, name: str) -> None:
    declared(models, {name: DELAY})
    with pytest.raises(SpecError, match=f"'{name}' is no name"):
        load_windows("trips")


def test_the_file_stands_beside_a_contract(models: Path) -> None:
    declare(models, contract=TRIPS)
    folder = declare(models, "another")
    folder.joinpath("features.yaml").write_text(yaml.safe_dump({"delay": DELAY}))
    [(path, error)] = load_models().errors.items()
    assert path == folder / "features.yaml"
    assert "move them beside its contract.yaml" in str(error)


def test_a_model_cannot_list_what_nobody_declared_nor_as_a_category(models: Path) -> None:
    declared(models, {"delay": DELAY}, features={"numeric": ["bus", "dealy"], "categorical": []})
    with pytest.raises(SpecError, match=r"features.numeric names 'dealy', which the contract lacks. Columns: at, bus"):
        load_model("trip_late")
    declare(models, "another", model={**LATE, "features": {"numeric": ["bus"], "categorical": ["delay"]}})
    with pytest.raises(SpecError, match=r"features.categorical names 'delay', which the contract lacks"):
        load_model("another")


def test_a_model_does_not_declare_windows_itself(models: Path) -> None:
    declare(models, model={**LATE, "windows": {}}, contract=TRIPS)
    with pytest.raises(SpecError, match="key 'windows' is not set here"):
        load_model("trip_late")
