"""The manifest: enough to make a model again, and the facts runs are found by."""

import json
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from include.errors import BadData
from include.registry.manifest import (
    LOCK,
    Manifest,
    contract_hash,
    features_hash,
    lock_hash,
    pipeline_hash,
    predictions_hash,
    read_manifest,
    spec_hash,
)
from include.settings import REPOSITORY
from include.spec import ModelSpec
from tests.declared import declare, spec
from tests.manifests import manifest


def test_it_survives_its_file_unchanged() -> None:
    stated = manifest(model_uri="models:/m", model_hash="f" * 64, parameters={"rate": 0.1, "one": 1.0, "deep": [1]})
    assert read_manifest(stated.model_dump_json(indent=2), "run r1") == stated
    assert isinstance(stated.parameters["one"], float)


def test_an_unknown_fact_is_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        manifest(author="me")


def test_a_manifest_of_another_form_is_said_to_be_one() -> None:
    stated = json.loads(manifest().model_dump_json())
    for other, wrong in (({**stated, "form": 2}, "form"), ({**stated, "colour": "red"}, "colour")):
        with pytest.raises(BadData, match=rf"manifest of run r1 cannot be read .* knows form 1 \({wrong}\)"):
            read_manifest(json.dumps(other), "run r1")
    with pytest.raises(BadData, match=r"manifest of run r1 cannot be read .*Invalid JSON"):
        read_manifest("{", "run r1")


def test_form_one_stays_readable() -> None:
    """As a file of 2026 has it: what is added later has a default, or the form rises."""
    stored = Path(__file__).with_name("manifest_form_1.json").read_text(encoding="utf-8")
    found = read_manifest(stored, "run r1")
    assert (found.form, found.features.names, found.target.above, found.task) == (1, ("bus", "line"), 15, "binary")
    assert found.search is not None
    assert (found.search.best, found.found) == (0.75, {"C": 0.5})


def test_runs_are_found_by_day_reason_code_and_data() -> None:
    found = manifest(model_hash="f" * 64).lineage()
    assert found["as_of"] == "2013-01-09"
    assert found["commit"] == "abc"
    assert found["training_snapshot"] != found["held_out_snapshot"]
    assert found["model_hash"] == "f" * 64
    assert set(map(type, found.values())) == {str}


@pytest.mark.parametrize(
    ("changes", "changed"),
    [
        ({}, set()),
        ({"training": {"seed": 8}}, {"spec"}),
        ({"features": {"numeric": ["bus"]}}, {"spec", "features"}),
        ({"target": {"column": "late", "above": 16}}, {"spec", "features"}),
        ({"task": "regression", "target": {"column": "late"}}, {"spec", "features"}),
        ({"contract": spec().contract.model_copy(update={"owner": "b"})}, {"spec", "contract"}),
    ],
)
def test_each_hash_changes_with_what_it_covers_and_nothing_else(changes: dict[str, object], changed: set[str]) -> None:
    def hashes(declared: ModelSpec) -> dict[str, str]:
        return {"spec": spec_hash(declared), "contract": contract_hash(declared), "features": features_hash(declared)}

    before, after = hashes(spec()), hashes(spec(**changes))
    assert {name for name in before if before[name] != after[name]} == changed


def test_the_pipeline_is_every_file_of_the_folder_but_the_declarations(models: Path) -> None:
    folder = declare(models)
    before = pipeline_hash(spec())
    folder.joinpath("model.yaml").write_text("owner: others")
    folder.joinpath("__pycache__").mkdir()
    folder.joinpath("__pycache__", "pipeline.cpython-311.pyc").write_bytes(b"x")
    folder.joinpath(".swp").write_bytes(b"x")
    assert pipeline_hash(spec()) == before
    folder.joinpath("fares.csv").write_text("1")
    added = pipeline_hash(spec())
    folder.joinpath("fares.csv").write_text("2")
    changed = pipeline_hash(spec())
    folder.joinpath("fares.csv").rename(folder / "zones.csv")
    assert len({before, added, changed, pipeline_hash(spec())}) == 4


def test_predictions_are_equal_bit_for_bit_or_not_at_all() -> None:
    said = np.array([0.1, 0.2, 0.3, 0.4])
    assert predictions_hash(said) == predictions_hash(said.copy())
    others = [
        np.nextafter(said, 1),
        said[::-1],
        said[:3],
        said.reshape(2, 2),
        np.array([0.0] * 4),
        np.array([-0.0] * 4),
    ]
    assert len({predictions_hash(one) for one in [said, *others]}) == 7
    assert predictions_hash(np.asfortranarray(said.reshape(2, 2))) == predictions_hash(said.reshape(2, 2))


def test_the_library_lock_is_the_repository_s(tmp_path: Path) -> None:
    assert LOCK.parent == REPOSITORY
    assert len(lock_hash()) == 64
    other = tmp_path / "requirements.txt"
    other.write_bytes(LOCK.read_bytes() + b"\n")
    assert lock_hash(other) != lock_hash()


def test_every_fact_has_a_place_in_the_file() -> None:
    assert set(json.loads(manifest().model_dump_json())) == set(Manifest.model_fields)
