"""A bounded sample of the training window: spread over its days, the same every time, only rows with a label."""

import numpy as np
import pytest

from include.evaluation import stratified
from include.evaluation import training_sample as module
from include.evaluation.training_sample import spread, training_sample
from include.lake import Store
from include.lake.snapshot import Snapshot, SnapshotEntry
from include.ledger import Ledger
from tests.declared import admit_days, publish, spec, trips

MODEL = spec()


def window(lake: Store, ledger: Ledger, days: int = 6) -> Snapshot:
    admit_days("2013-01-01", days, lake, ledger)
    return Snapshot.of("trips", ledger.admitted("trips"))


def test_a_small_window_is_taken_whole_without_the_unlabelled(lake: Store, ledger: Ledger) -> None:
    found = training_sample(MODEL, window(lake, ledger), lake)
    days = [trips(seed=number)["late"] for number in range(6)]
    rows, unlabelled = found.rows, sum(day.null_count for day in days)
    assert rows.unlabelled == unlabelled > 0
    assert len(rows) == len(rows.features) == len(rows.days) == 240 - unlabelled
    assert list(rows.features) == ["bus", "full", "line"]
    expected = np.concatenate([day.drop_null().to_numpy() > 15 for day in days])
    assert rows.target.tolist() == found.targets.tolist() == expected.tolist()
    counts = [(rows.days == np.datetime64(f"2013-01-0{number + 1}")).sum() for number in range(6)]
    assert counts == [40 - day.null_count for day in days]


def test_a_large_window_gives_a_share_of_every_day(
    lake: Store, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    days, whole = window(lake, ledger), training_sample(MODEL, Snapshot.of("trips", ledger.admitted("trips")), lake)
    monkeypatch.setattr(module, "ROWS", 120)
    monkeypatch.setattr(stratified, "FEWEST", 10)
    found = training_sample(MODEL, days, lake)
    assert 118 <= len(found.rows) <= 122
    assert set(found.rows.days) == set(whole.rows.days)
    assert found.targets.tolist() == whole.targets.tolist()
    assert abs(found.rows.target.mean() - whole.targets.mean()) < 0.02
    again = training_sample(MODEL, days, lake)
    assert found.rows.features.equals(again.rows.features)


def test_features_and_targets_of_a_row_stay_together(
    lake: Store, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Buses above 30 are late, whatever the sample."""
    monkeypatch.setattr(module, "ROWS", 60)
    monkeypatch.setattr(stratified, "FEWEST", 10)
    found = training_sample(MODEL, window(lake, ledger), lake).rows
    assert found.target[found.features["bus"] > 30].all()
    assert not found.target[found.features["bus"] < 3].any()


def test_a_partition_from_before_the_target_existed_has_no_labels(lake: Store, ledger: Ledger) -> None:
    publish(lake, "old.parquet", trips(seed=5).drop_columns(["late"]))
    old = SnapshotEntry(key="2012-12-31", content_hash="h", path="old.parquet", rows=40)
    labelled = window(lake, ledger, days=1)
    found = training_sample(MODEL, Snapshot(dataset="trips", entries=(old, *labelled.entries)), lake)
    assert found.rows.unlabelled == 40 + trips(seed=0)["late"].null_count
    assert set(map(str, found.rows.days)) == {"2013-01-01"}


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
