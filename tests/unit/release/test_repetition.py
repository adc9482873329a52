"""After a rollback the same thing does not come back, and another thing does."""

from typing import Any

import pytest

from include.ledger import Decision, Ledger
from include.release.repetition import repeats
from tests.manifests import manifest

LEARNT = {"model_hash": "file-2", "content_hash": "learnt-2", "training_snapshot": "s2", "run_id": "r2"}


def fitted(ledger: Ledger, **changes: Any) -> None:
    made = manifest(**changes)
    ledger.record_decision(
        Decision(
            model="trip_late", kind="fit", subject=made.run_id, outcome="fitted", reason="r", actor="fit",
            detail=made.model_dump_json(),
        )
    )  # fmt: skip


def deployed(ledger: Ledger, version: str, action: Any = "promote") -> None:
    ledger.record_deployment(
        "trip_late", version, f"file-{version}", expected=ledger.champion("trip_late"), action=action, actor="ann",
        reason="test",
    )  # fmt: skip


@pytest.fixture
def rolled_back(ledger: Ledger) -> Ledger:
    """Version 1 serves again, version 2 was sent away."""
    fitted(ledger, run_id="r1", model_hash="file-1", content_hash="learnt-1", training_snapshot="s1")
    fitted(ledger, **LEARNT)
    deployed(ledger, "1")
    deployed(ledger, "2")
    deployed(ledger, "1", "roll_back")
    return ledger


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, "it learnt the same"),
        ({"content_hash": "other"}, "the same pipeline learnt from the same snapshot s2"),
        ({"content_hash": "other", "training_snapshot": "s3"}, ""),
        ({"content_hash": "other", "pipeline_hash": "corrected"}, ""),
        ({"content_hash": "other", "features_hash": "one more"}, ""),
        ({"content_hash": "other", "parameters": {"C": 0.1, "deep": [1, None]}}, ""),
        ({"content_hash": "other", "parameters": {"C": 0.5, "deep": [1, None], "x": 3}, "found": {"x": 3}}, "the same"),
        ({"content_hash": "", "training_snapshot": "s3"}, ""),
        ({"training_snapshot": "s3"}, "it learnt the same"),
        ({"content_hash": "learnt-1", "training_snapshot": "s1"}, ""),
    ],
)
def test_the_same_is_what_learnt_the_same_or_could_not_but(
    rolled_back: Ledger, changes: dict[str, Any], why: str
) -> None:
    found = repeats(manifest(**{**LEARNT, "run_id": "r3", "model_hash": "file-3", **changes}), rolled_back)
    assert bool(found) == bool(why)
    assert why in found
    assert ("v2" in found and "Train on other data or change the pipeline" in found) == bool(why)


def test_the_run_itself_is_refused_when_it_is_registered_once_more(rolled_back: Ledger) -> None:
    assert "v2" in repeats(manifest(**LEARNT), rolled_back)


def test_what_a_person_restored_may_come_again(rolled_back: Ledger) -> None:
    deployed(rolled_back, "2", "roll_back")
    assert repeats(manifest(**LEARNT), rolled_back) == ""


def test_without_a_rollback_everything_is_new(ledger: Ledger) -> None:
    fitted(ledger, **LEARNT)
    deployed(ledger, "2")
    assert repeats(manifest(**LEARNT), ledger) == ""
