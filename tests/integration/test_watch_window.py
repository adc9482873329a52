"""The window under watch: the last days up to a key, as they were scored, and none before or after."""

import mlflow
import numpy as np
import pyarrow as pa
import pytest

from include.drift import Reference
from include.errors import NothingToDo
from include.evaluation import evidence
from include.evaluation.evidence import folder
from include.evaluation.reference import stored_days
from include.lake import Profile, Snapshot, Store, layout
from include.lake.profiling import numeric_profile
from include.ledger import Ledger, PartitionRecord, PredictionRecord
from include.monitoring.watch import assess
from tests.declared import admit, spec, trips
from tests.evaluations import GOOD, TARGET, held_out

DAYS = [f"2013-01-{day:02}" for day in range(1, 13)]
MODEL = spec(monitoring={"min_rows": 20, "window_days": 7})


def score(record: PartitionRecord, store: Store, ledger: Ledger) -> None:
    """Predictions beside a partition, as scoring leaves them."""
    said = numeric_profile(pa.chunked_array([np.linspace(0, 1, int(record.rows or 0))]))
    path = layout.predictions(MODEL.name, record.key, "1", str(record.content_hash))
    store.write_bytes(layout.profile(path), Profile(rows=said.count, columns={"prediction": said}).to_json())
    ledger.record_predictions(
        PredictionRecord(
            model=MODEL.name, version="1", key=record.key, content_hash=str(record.content_hash), path=path,
            rows=said.count,
        )
    )  # fmt: skip


@pytest.fixture
def champion(lake: Store, ledger: Ledger, tracking: str) -> Ledger:
    """Twelve admitted days, all but the last two scored, and a champion whose reference is the first ten."""
    client = mlflow.MlflowClient(tracking)
    run = client.create_run(client.create_experiment(MODEL.name)).info.run_id
    client.create_registered_model(MODEL.name)
    client.create_model_version(MODEL.name, f"runs:/{run}/model", run_id=run, tags={"model_hash": "h"})
    ledger.record_deployment(MODEL.name, "1", "h", expected=None, action="promote", actor="ann", reason="test")
    records = [admit(key, lake, ledger, trips(seed=number)) for number, key in enumerate(DAYS)]
    for record in records[:10]:
        score(record, lake, ledger)
    days = stored_days(Snapshot.of("trips", records[:10]), lake)
    said = Profile(rows=40, columns={"prediction": numeric_profile(pa.chunked_array([np.linspace(0, 1, 40)]))})
    compared = Reference.of(days, dict.fromkeys(days, said))
    lake.write_bytes(f"{folder(MODEL.name, run)}/reference.json", compared.model_dump_json().encode())
    evidence.save(held_out(TARGET, GOOD, model=MODEL.name, run_id=run), lake)
    return ledger


def test_it_holds_the_last_seven_days_up_to_the_key(champion: Ledger, lake: Store) -> None:
    found = assess(MODEL, "2013-01-10", lake, champion)
    assert (found.window, found.rows, found.tier) == ("2013-01-04 to 2013-01-10", 7 * 40, "ok")
    assert found.drifts != ()
    assert assess(MODEL, "2013-01-08", lake, champion).window == "2013-01-02 to 2013-01-08"


@pytest.mark.parametrize("key", ["2013-01-11", "2013-01-12", "2013-02-20"])
def test_a_key_that_was_not_scored_is_not_judged_by_older_days(champion: Ledger, lake: Store, key: str) -> None:
    with pytest.raises(NothingToDo, match=f"trip_late has no predictions for {key} yet"):
        assess(MODEL, key, lake, champion)
    assert champion.decisions(MODEL.name, kind="watch") == []


@pytest.mark.parametrize(("key", "days", "judged"), [("2013-01-04", 4, False), ("2013-01-05", 5, True)])
def test_a_window_that_is_just_beginning_gets_no_verdict(
    champion: Ledger, lake: Store, key: str, days: int, judged: bool
) -> None:
    found = assess(MODEL, key, lake, champion)
    assert (found.window, found.rows) == (f"2013-01-01 to {key}", days * 40)
    assert (found.drifts != ()) == judged
    assert (f"{days} of 7 days have come, required 5" in found.sentence) != judged
