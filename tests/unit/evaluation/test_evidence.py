"""Evidence: what is stored is what is loaded, and what is missing is not found."""

import json
import math

import numpy as np
import pytest

from include.errors import NotFound
from include.evaluation import evidence
from include.lake import Store
from tests.evaluations import held_out

TARGET = np.array([0.0, 1, 0, 1])
SAID = np.array([0.1, 0.9, 0.4, 0.3])


@pytest.mark.parametrize("champion", [None, SAID[::-1].copy()])
def test_what_is_stored_is_what_is_loaded(lake: Store, champion: np.ndarray | None) -> None:
    stored = held_out(TARGET, SAID, champion, days=2)
    assert evidence.save(stored, lake) == "evidence/trip_late/run-1"
    loaded = evidence.load("trip_late", "run-1", lake)
    assert loaded.summary.model_dump_json() == stored.summary.model_dump_json()
    assert loaded.days.names == stored.days.names == ("2013-01-01", "2013-01-02")
    assert loaded.days.codes.tolist() == stored.days.codes.tolist() == [0, 0, 1, 1]
    for name in ("target", "challenger", "champion", "reference_challenger", "reference_champion"):
        before, after = getattr(stored, name), getattr(loaded, name)
        assert (before is None) == (after is None)
        assert before is None or (np.array_equal(before, after) and before.dtype.kind == after.dtype.kind)


def test_a_metric_that_could_not_be_measured_is_stored_and_loaded(lake: Store) -> None:
    one_class = held_out(np.zeros(4), SAID, SAID[::-1].copy())
    assert math.isnan(one_class.summary.challenger_metrics["auc"].value)
    evidence.save(one_class, lake)
    loaded = evidence.load("trip_late", "run-1", lake).summary
    assert math.isnan(loaded.challenger_metrics["auc"].value)
    assert loaded.challenger_metrics["brier"].value == one_class.summary.challenger_metrics["brier"].value
    text = lake.read_bytes("evidence/trip_late/run-1/evidence.json").decode()
    assert json.loads(text, parse_constant=pytest.fail)["challenger_metrics"]["auc"]["value"] == "NaN"


def test_predictions_that_are_no_numbers_are_stored_as_they_are(lake: Store) -> None:
    said = np.array([np.nan, np.inf, -np.inf, 0.5])
    evidence.save(held_out(TARGET, said, reference=said), lake)
    loaded = evidence.load("trip_late", "run-1", lake)
    np.testing.assert_array_equal(loaded.challenger, said)
    np.testing.assert_array_equal(loaded.reference_challenger, said)


def test_missing_evidence_says_which_and_what_to_do(lake: Store) -> None:
    evidence.save(held_out(TARGET, SAID), lake)
    with pytest.raises(NotFound, match=r"No evidence for trip_late run run-2 at .*evidence/trip_late/run-2\. Run"):
        evidence.load("trip_late", "run-2", lake)


def test_evidence_that_was_cut_off_is_missing(lake: Store) -> None:
    """The summary is written last."""
    evidence.save(held_out(TARGET, SAID), lake)
    lake.delete("evidence/trip_late/run-1/evidence.json")
    with pytest.raises(NotFound, match="No evidence"):
        evidence.load("trip_late", "run-1", lake)
