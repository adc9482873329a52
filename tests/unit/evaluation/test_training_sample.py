"""A bounded sample of the training window: spread over its days, the same every time, only rows with a label."""

import numpy as np
import pytest

from include.evaluation import training_sample as module
from include.evaluation.training_sample import spread, training_sample
from include.lake import Store
from include.lake.snapshot import Snapshot, SnapshotEntry
from include.ledger import Ledger
from tests.declared import admit_days, spec, trips

MODEL = spec()


def window(lake: Store, ledger: Ledger, days: int = 6) -> Snapshot:
    admit_days("2013-01-01", days, lake, ledger)
    return Snapshot.of("trips", ledger.admitted("trips"))


def test_a_small_window_is_taken_whole_without_the_unlabelled(lake: Store, ledger: Ledger) -> None:
    found = training_sample(MODEL, window(lake, ledger), lake)
    unlabelled = sum(trips(seed=number)["late"].null_count for number in range(6))
    assert unlabelled > 0
    assert found.unlabelled == unlabelled
    assert len(found) == len(found.features) == len(found.days) == 240 - unlabelled
    assert list(found.features) == ["bus", "full", "line"]
    assert set(found.target) == {0.0, 1.0}
    assert (np.diff(found.days) >= np.timedelta64(0)).all()
    assert str(found.days[0]) == "2013-01-01"
    first = trips(seed=0).drop_null()
    assert (found.days == np.datetime64("2013-01-01")).sum() == 40 - trips(seed=0)["late"].null_count >= len(first)


def test_a_large_window_gives_a_share_of_every_day(
    lake: Store, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    days, whole = window(lake, ledger), training_sample(MODEL, Snapshot.of("trips", ledger.admitted("trips")), lake)
    monkeypatch.setattr(module, "ROWS", 120)
    found = training_sample(MODEL, days, lake)
    assert 80 < len(found) + found.unlabelled < 160
    assert set(found.days) == set(whole.days)
    again = training_sample(MODEL, days, lake)
    assert found.features.equals(again.features)
    assert np.array_equal(found.target, again.target)


def test_a_long_window_is_read_at_days_spread_over_it() -> None:
    entries = tuple(
        SnapshotEntry(key=f"2013-{number:04}", content_hash=str(number), path=str(number), rows=1)
        for number in range(250)
    )
    chosen = spread(Snapshot(dataset="trips", entries=entries))
    assert len(chosen) == 100
    assert (chosen[0], chosen[-1]) == (entries[0], entries[-1])
    gaps = np.diff([entries.index(one) for one in chosen])
    assert set(gaps) == {2, 3}
    assert spread(Snapshot(dataset="trips", entries=entries[:100])) == list(entries[:100])
    assert spread(Snapshot(dataset="trips", entries=entries[:1])) == [entries[0]]
