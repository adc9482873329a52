"""The manifest: enough to make a model again, and the facts runs are found by."""

import pytest
from pydantic import ValidationError

from include.registry.manifest import LOCK, Manifest, lock_hash, spec_hash
from include.settings import REPOSITORY
from tests.declared import spec


def manifest(**changes: object) -> Manifest:
    hashes = ("lock_hash", "spec_hash", "training_snapshot", "held_out_snapshot")
    stated: dict[str, object] = {
        "model": "trip_late", "run_id": "r1", "as_of": "2013-01-09", "reason": "by hand", "commit": "abc",
        "commit_dirty": False, "training_window": "a to b", "held_out_window": "c to d", "training_rows": 9,
        "unlabelled_rows": 1, "parameters": {"C": 0.5, "deep": [1, None]}, "seed": 7,
        **{name: name[:2] * 32 for name in hashes},
    }  # fmt: skip
    return Manifest.model_validate({**stated, **changes})


def test_it_survives_its_file_unchanged() -> None:
    stated = manifest(model_uri="models:/m", model_hash="f" * 64)
    assert Manifest.model_validate_json(stated.model_dump_json()) == stated


def test_an_unknown_fact_is_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        manifest(author="me")


def test_runs_are_found_by_day_reason_code_and_data() -> None:
    found = manifest(model_hash="f" * 64).lineage()
    assert found["as_of"] == "2013-01-09"
    assert found["commit"] == "abc"
    assert found["training_snapshot"] != found["held_out_snapshot"]
    assert found["model_hash"] == "f" * 64
    assert set(map(type, found.values())) == {str}


def test_the_hash_of_what_was_declared_changes_with_any_of_it() -> None:
    assert spec_hash(spec()) == spec_hash(spec())
    assert spec_hash(spec()) != spec_hash(spec(training={"seed": 8}))
    assert spec_hash(spec()) != spec_hash(spec(contract=spec().contract.model_copy(update={"owner": "b"})))


def test_the_library_lock_is_the_repository_s() -> None:
    assert LOCK.parent == REPOSITORY
    assert len(lock_hash()) == 64
