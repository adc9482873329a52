"""Features from stored files: the frame of all rows at once, in the memory of the frame and a few pieces."""

import tracemalloc
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pandas.testing import assert_frame_equal

from include.errors import NotFound
from include.features.matrix import Matrix, feature_frame
from include.features.reading import read_features, read_targets
from include.lake import SnapshotEntry, Store
from include.lake.reading import Mask, read_table
from tests.declared import publish, spec
from tests.landing import rows

NUMBERS = tuple(f"n{place}" for place in range(4))
WORDS = ("w0", "w1")
WIDE = spec(
    contract=spec().contract.model_copy(
        update={
            "columns": {
                **spec().contract.columns,
                **dict.fromkeys(NUMBERS, spec().contract.columns["late"]),
                **dict.fromkeys(WORDS, spec().contract.columns["line"]),
            }
        }
    ),
    features={"numeric": NUMBERS, "categorical": WORDS},
)


def admitted(store: Store, key: str, table: pa.Table, **options: int) -> SnapshotEntry:
    publish(store, f"{key}.parquet", table, **options)
    return SnapshotEntry(key=key, content_hash=key, path=f"{key}.parquet", rows=table.num_rows)


def wide(seed: int, count: int) -> pa.Table:
    random = np.random.default_rng(seed)
    numbers = {name: pa.array(random.normal(size=count), mask=random.random(count) < 0.1) for name in NUMBERS}
    words = np.array(["EWR", "JFK", "LGA", "a longer word than most of them"])
    return pa.table({**numbers, **{name: pa.array(words[random.integers(0, 4, count)]) for name in WORDS}})


def everything(*entries: SnapshotEntry) -> list[Mask]:
    return [np.ones(entry.rows, dtype=np.bool_) for entry in entries]


def test_the_frame_is_that_of_all_kept_rows_together(lake: Store) -> None:
    tables = [wide(seed, 1000 + seed) for seed in range(12)]
    entries = [admitted(lake, f"{place:02}", table) for place, table in enumerate(tables)]
    kept = [np.random.default_rng(place).random(entry.rows) < 0.5 for place, entry in enumerate(entries)]
    found = read_features(WIDE.features, entries, kept, lake)
    chosen = pa.concat_tables([table.filter(pa.array(mask)) for table, mask in zip(tables, kept, strict=True)])
    expected = pd.DataFrame({name: chosen[name].to_pandas() for name in (*NUMBERS, *WORDS)})
    assert_frame_equal(found, expected.astype(dict.fromkeys(WORDS, object)))
    assert_frame_equal(found, feature_frame(chosen, WIDE))


def test_types_and_gaps_of_one_partition_do_not_touch_those_of_another(lake: Store) -> None:
    """Text as text or as a dictionary, whole numbers with a gap, a column that is not there yet: one frame."""
    older = rows(bus=pa.array([7, None, 9, 10]), full=None, line=pa.array(["red", None, "", "blue"]))
    entries = [admitted(lake, "a", older), admitted(lake, "b", rows(bus=pa.array([1.0, 2.0, 3.0, 4.0])))]
    found = read_features(spec().features, entries, everything(*entries), lake)
    np.testing.assert_array_equal(found["bus"], [7, np.nan, 9, 10, 1, 2, 3, 4])
    np.testing.assert_array_equal(found["full"], [np.nan] * 4 + [1, 0, np.nan, 1])
    assert found["line"].tolist() == ["red", None, "", "blue", "red", "blue", "red", "blue"]


def test_equal_words_are_one_string_whatever_partition_they_stand_in(lake: Store) -> None:
    entries = [admitted(lake, key, rows()) for key in ("a", "b")]
    words = read_features(spec().features, entries, everything(*entries), lake)["line"]
    assert len({id(word) for word in words}) == len(set(words)) == 2


def test_a_feature_that_no_partition_has_is_not_found(lake: Store) -> None:
    entries = [admitted(lake, key, rows(full=None)) for key in ("a", "b")]
    with pytest.raises(NotFound, match=r"No partition from a to b has column full\."):
        read_features(spec().features, entries, everything(*entries), lake)


def test_targets_come_one_array_per_partition_and_unknown_where_the_column_is_not_there_yet(lake: Store) -> None:
    entries = [admitted(lake, "a", rows(late=None)), admitted(lake, "b", rows())]
    older, newer = read_targets(spec(), entries, lake)
    np.testing.assert_array_equal(older, [np.nan] * 4)
    np.testing.assert_array_equal(newer, [0, np.nan, 0, 1])


def test_an_estimator_of_numbers_gets_the_very_array_that_was_filled() -> None:
    numbers = spec(features={"numeric": ["bus", "full"]}).features
    whole = Matrix(numbers, 4)
    whole.put(0, rows().select(["bus", "full"]).to_batches()[0])
    frame = whole.frame()
    asked = np.asarray(frame)
    assert asked.flags.f_contiguous
    assert np.shares_memory(asked, frame["bus"].to_numpy())
    assert np.shares_memory(np.asarray(whole.frame()), asked)


def peaks(root: str, entries: list[SnapshotEntry], whole_columns: bool) -> tuple[int, int]:
    """Peak bytes of arrays and Python objects, and of Arrow, of reading in a process of its own."""
    store, kept = Store.open(root), everything(*entries)
    tracemalloc.start()
    if whole_columns:
        read_table(store, entries, [*NUMBERS, *WORDS])
    else:
        read_features(WIDE.features, entries, kept, store)
    return tracemalloc.get_traced_memory()[1], pa.default_memory_pool().max_memory()


def test_memory_is_the_frame_and_about_a_partition_however_many_there_are(lake: Store) -> None:
    entries = [admitted(lake, f"{place:02}", wide(place, 100_000), row_group_size=10_000) for place in range(8)]
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        arrays, arrow = pool.submit(peaks, lake.root, entries, False).result()
        _, columns = pool.submit(peaks, lake.root, entries, True).result()
    one_partition = 100_000 * 6 * 8
    frame = len(entries) * one_partition
    assert frame <= arrays < frame + one_partition
    assert arrow < 2 * one_partition
    assert columns > 6 * one_partition, "the measure would see whole columns"
