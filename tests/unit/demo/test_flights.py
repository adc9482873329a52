"""What the documentation says about the demonstration data is true, and each corruption really corrupts."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from include.demo.flights import KEYS, SCHEMA, day, days, load_flights
from include.demo.landing import CORRUPTIONS, corrupt, land, parquet
from include.errors import NotFound
from include.lake.store import Store
from include.spec import load_contract

FLIGHTS = 336_776


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("flights")


@pytest.fixture(scope="session")
def flights(cache: Path) -> pa.Table:
    return load_flights(cache)


@pytest.fixture(scope="session")
def new_year(flights: pa.Table) -> pa.Table:
    return day(flights, "2013-01-01")


def test_the_joins_lose_and_invent_no_flight(flights: pa.Table) -> None:
    assert flights.num_rows == FLIGHTS
    assert flights.schema.equals(SCHEMA)


def test_the_key_is_unique_and_orders_the_table(flights: pa.Table) -> None:
    keys = flights.select(KEYS)
    assert keys.group_by(list(KEYS)).aggregate([]).num_rows == FLIGHTS
    assert keys.equals(keys.sort_by([(name, "ascending") for name in KEYS]))


def test_the_days_of_the_year_share_out_every_flight(flights: pa.Table) -> None:
    keys = days(flights)
    assert (len(keys), keys[0], keys[-1]) == (365, "2013-01-01", "2013-12-31")
    assert sum(day(flights, key).num_rows for key in keys) == FLIGHTS


def test_a_day_is_a_local_day_also_when_the_clocks_change(flights: pa.Table) -> None:
    """10 March has 23 hours: its last flights leave before midnight in New York, which is past midnight in UTC."""
    hours = day(flights, "2013-03-10")["time_hour"]
    assert pc.min(hours).as_py().isoformat() == "2013-03-10T09:00:00+00:00"
    assert pc.max(hours).as_py().isoformat() == "2013-03-11T03:00:00+00:00"


def test_clock_times_are_minutes_since_midnight_and_monday_is_one(new_year: pa.Table) -> None:
    first = new_year.filter(pc.equal(new_year["flight"], 1545)).to_pylist()[0]
    assert first["sched_dep_minute"] == 5 * 60 + 15
    assert first["sched_arr_minute"] == 8 * 60 + 19
    assert first["weekday"] == 2


def test_weather_and_plane_are_those_of_the_flight(new_year: pa.Table) -> None:
    """UA 1545 left Newark at 5 in the morning: 39.02 degrees there, a Boeing of 1999 with 149 seats."""
    first = new_year.filter(pc.equal(new_year["flight"], 1545)).to_pylist()[0]
    assert (first["temp"], first["plane_year"], first["seats"]) == (39.02, 1999, 149)


def test_one_flight_in_four_is_late_and_some_never_get_a_label(flights: pa.Table) -> None:
    late = pc.greater(flights["arr_delay"], 15)
    assert late.null_count == 9_430
    assert pc.mean(late).as_py() == pytest.approx(0.237, abs=0.001)


def test_nothing_known_only_after_departure_is_in_the_table() -> None:
    assert not {"dep_time", "dep_delay", "arr_time", "air_time"} & set(SCHEMA.names)


def test_the_contract_describes_exactly_these_columns() -> None:
    assert list(load_contract("flights").columns) == SCHEMA.names


def test_the_cache_gives_the_same_table_and_a_foreign_one_is_replaced(flights: pa.Table, cache: Path) -> None:
    assert load_flights(cache).equals(flights)
    pq.write_table(pa.table({"flight": [1]}), cache / "flights-2013.parquet")
    assert load_flights(cache).equals(flights)


def test_a_day_outside_the_year_is_not_found(flights: pa.Table) -> None:
    with pytest.raises(NotFound, match="2014-01-01"):
        day(flights, "2014-01-01")


def test_the_same_day_gives_the_same_bytes(flights: pa.Table, new_year: pa.Table) -> None:
    assert parquet(new_year) == parquet(day(flights, "2013-01-01"))


def test_a_landed_day_reads_back_as_it_was_and_leaves_nothing_else(
    flights: pa.Table, new_year: pa.Table, tmp_path: Path
) -> None:
    path = land(flights, str(tmp_path), "2013-01-01")
    assert pq.ParquetFile(tmp_path / path).read().equals(new_year)
    assert sorted(file.name for file in (tmp_path / "2013-01-01").iterdir()) == ["_SUCCESS", "part-0.parquet"]


@pytest.mark.parametrize("times", [1, 2])
def test_the_marker_is_there_only_when_the_data_is(
    flights: pa.Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    """Also when the day lands a second time: half-written data never stands beside an old marker."""
    for _ in range(times - 1):
        land(flights, str(tmp_path), "2013-01-01")
    write, seen = Store.write_bytes, []

    def spy(store: Store, path: str, data: bytes) -> None:
        seen.append((Path(path).name, (tmp_path / "2013-01-01/_SUCCESS").exists()))
        write(store, path, data)

    monkeypatch.setattr(Store, "write_bytes", spy)
    land(flights, str(tmp_path), "2013-01-01")
    assert seen == [("part-0.parquet", False), ("_SUCCESS", False)]


def test_a_truncated_file_is_no_parquet(new_year: pa.Table) -> None:
    with pytest.raises(pa.ArrowInvalid):
        read(corrupt(new_year, "truncated_file"))


def test_null_in_key_takes_the_number_of_some_flights(new_year: pa.Table) -> None:
    damaged = read(corrupt(new_year, "null_in_key"))
    assert 0 < damaged["flight"].null_count < damaged.num_rows / 10
    assert damaged.drop("flight").equals(new_year.drop("flight"))


def test_wrong_type_turns_minutes_into_text(new_year: pa.Table) -> None:
    damaged = read(corrupt(new_year, "wrong_type"))
    assert damaged["sched_dep_minute"].to_pylist()[0] == "05:40"
    assert damaged.drop("sched_dep_minute").equals(new_year.drop("sched_dep_minute"))


def test_unknown_carrier_is_one_the_contract_does_not_list(new_year: pa.Table) -> None:
    damaged = read(corrupt(new_year, "unknown_carrier"))
    known = load_contract("flights").columns["carrier"].one_of
    assert set(damaged["carrier"].to_pylist()) - set(known or ()) == {"UAL"}
    assert damaged.drop("carrier").equals(new_year.drop("carrier"))


def test_a_corrupted_day_lands_like_any_other(flights: pa.Table, tmp_path: Path) -> None:
    for kind in CORRUPTIONS:
        path = land(flights, str(tmp_path / kind), "2013-01-01", kind)
        assert (tmp_path / kind / path).read_bytes() == corrupt(day(flights, "2013-01-01"), kind)


def test_an_unknown_corruption_names_the_choices(new_year: pa.Table) -> None:
    with pytest.raises(NotFound, match="truncated_file, null_in_key, wrong_type, unknown_carrier"):
        corrupt(new_year, "gremlins")


def read(content: bytes) -> pa.Table:
    return pq.read_table(pa.BufferReader(content))
