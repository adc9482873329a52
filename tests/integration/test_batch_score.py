"""Scoring a range: once per partition and version, in blocks, and whole or not at all, also when it is killed."""

import os
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from include.errors import NotFound, NothingToDo
from include.lake import Store, layout
from include.lake.profile import Profile
from include.ledger import Ledger
from include.serving import batch
from include.spec import load_model
from include.steps import STEPS, Result
from tests.declared import admit, trips
from tests.processes import FORKS, PRELOADED, killed, scored
from tests.service import promoted, registered

NAME, KEY, DAY = "trip_late", "2013-02-03", "2013-03-01"
ROWS = 40  # of each admitted day
FEWEST = 4  # scoring changes more than that of its predictions and the ledger
NAMES = ("PERENNIAL_LAKE", "PERENNIAL_LEDGER_URL", "PERENNIAL_MODELS", "MLFLOW_TRACKING_URI")

FORKS.set_forkserver_preload([*PRELOADED, "include.steps.scoring", "mlflow.sklearn"])


def step(name: str, **arguments: str) -> Result:
    return STEPS[name].run(NAME, {**arguments})


@pytest.fixture
def versions(installation: Path, ledger: Ledger) -> Path:
    """Two versions, the first of them champion."""
    for day in ("2013-02-08", "2013-02-09"):
        registered(NAME, day)
    promoted(NAME, "1", ledger)
    return installation


def files(lake: Store) -> list[str]:
    return [one.path for one in lake.list(f"predictions/{NAME}") if one.name.endswith(".parquet")]


def rows_of(lake: Store, path: str) -> int:
    return int(pq.ParquetFile(lake.locate(path)).metadata.num_rows)


def test_a_range_is_scored_once_by_each_version_that_is_named(versions: Path, lake: Store, ledger: Ledger) -> None:
    found = step("find-unscored", first="2013-02-01", last="2013-02-03")
    assert found.each == tuple({"key": f"2013-02-0{day}", "version": "1"} for day in (1, 2, 3))
    for one in found.each[:2]:
        step("score-missing", **one)
    assert step("find-unscored", first="2013-02-01", last="2013-02-03").each == found.each[2:]
    with pytest.raises(NothingToDo, match="2013-02-01 is scored by v1 already"):
        step("score-missing", **found.each[0])
    step("score-missing", **found.each[2])
    with pytest.raises(NothingToDo, match="v1: 0 of 3 partitions from 2013-02-01 to 2013-02-03 are not scored"):
        step("find-unscored", first="2013-02-01", last="2013-02-03", version="1")
    before = [one.model_dump() for one in ledger.predictions(NAME)]
    other = step("find-unscored", first="2013-02-01", last="2013-02-03", version="2")
    assert {one["version"] for one in other.each} == {"2"}
    path = str(step("score-missing", **other.each[0]).facts["path"])
    assert set(pq.read_table(lake.locate(path))["model_version"].to_pylist()) == {"2"}
    with pytest.raises(NothingToDo, match="2013-02-01 is scored by v2 already"):
        step("score-missing", **other.each[0])
    assert [one.model_dump() for one in ledger.predictions(NAME)] == before  # the watch reads the champion's


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"first": "2013-02-01", "last": "2013-02-03", "version": "7"}, "7"),
        ({"first": "yesterday", "last": "2013-02-03"}, "'yesterday' is no partition key"),
    ],
)
def test_a_range_that_cannot_be_scored_is_refused(versions: Path, asked: dict[str, str], said: str) -> None:
    with pytest.raises(NotFound, match=said):
        step("find-unscored", **asked)


def test_what_is_there_is_not_made_again_and_gets_on_record(versions: Path, lake: Store, ledger: Ledger) -> None:
    """As after a kill between the file and its record, or when a former champion serves again."""
    made = batch.score(load_model(NAME), "2013-02-01", lake, ledger, "2")
    assert ledger.predictions(NAME) == []
    marked = lake.read_bytes(made.path) + b"the same file"
    lake.write_bytes(made.path, marked)
    promoted(NAME, "2", ledger)
    step("score", key="2013-02-01")
    assert lake.read_bytes(made.path) == marked
    assert [(one.version, one.path) for one in ledger.predictions(NAME)] == [("2", made.path)]


def test_a_large_partition_passes_through_in_blocks(
    versions: Path, lake: Store, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No more than two blocks of it are there at any time; profile and rows are those of the whole."""
    block, rows = 1 << 16, 5 * (1 << 16) + 7
    admit(DAY, lake, ledger, trips(rows))
    asked: list[int] = []
    predict = batch.answers.predict

    def counted(spec: Any, pipeline: Any, features: Any) -> Any:
        asked.append(len(features))
        return predict(spec, pipeline, features)

    monkeypatch.setattr(batch.answers, "predict", counted)
    made = batch.score(load_model(NAME), DAY, lake, ledger)
    assert (sum(asked), max(asked)) == (rows, block)
    stored = pq.ParquetFile(lake.locate(made.path))
    assert stored.metadata.num_rows == rows
    assert max(stored.metadata.row_group(group).num_rows for group in range(stored.num_row_groups)) == block
    said = Profile.from_json(lake.read_bytes(layout.profile(made.path))).columns["prediction"]
    assert said == batch.answers.profile(load_model(NAME), stored.read(["prediction"])["prediction"].to_numpy())
    assert len(set(stored.read(["prediction_id"])["prediction_id"].to_pylist())) == rows


@pytest.mark.timeout(900)
def test_scoring_that_is_killed_leaves_nothing_half_and_is_done_by_the_next_run(
    versions: Path, lake: Store, ledger: Ledger, tmp_path: Path
) -> None:
    """Killed at its first change, at its second and so on: the predictions are all there, or none, and then all."""
    known = {name: os.environ[name] for name in NAMES}
    seen = set()
    for point in range(1000):
        place = tmp_path / f"killed at {point}"
        shutil.copytree(lake.uri, place / "lake")
        url = f"sqlite:///{shutil.copy(tmp_path / 'ledger.db', place / 'ledger.db')}"
        left, book = Store.open(str(place / "lake")), Ledger.open(url)
        environ = {**known, "PERENNIAL_LAKE": left.uri, "PERENNIAL_LEDGER_URL": url}
        if not killed(point, left.locate("predictions"), scored, KEY, environ):
            assert point > FEWEST
            break
        there, on_record = files(left), [one.path for one in book.predictions(NAME, KEY)]
        assert all(rows_of(left, path) == ROWS for path in there)
        assert on_record in ([], there)
        seen.add((len(there), len(on_record)))
        made = batch.score(load_model(NAME), KEY, left, book)
        assert files(left) == [made.path] == [one.path for one in book.predictions(NAME, KEY)]
        assert rows_of(left, made.path) == ROWS
    assert seen == {(0, 0), (1, 0)}  # the last change is the record itself
