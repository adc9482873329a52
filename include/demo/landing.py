"""Landing one day of the demonstration data the way a careful, or a careless, upstream system would."""

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from include.demo.flights import WEATHER_COLUMNS, day
from include.errors import NotFound
from include.lake.store import Store

DATA_FILE = "part-0.parquet"
MARKER = "_SUCCESS"


def land(table: pa.Table, landing: str, key: str, corruption: str | None = None) -> str:
    """Write one day to `<landing>/<key>/` and give back the path of its data file.

    The marker goes first when a day lands again and comes last always: a partition that carries it is complete.
    """
    store = Store.open(landing)
    path, marker = f"{key}/{DATA_FILE}", f"{key}/{MARKER}"
    rows = day(table, key)
    content = parquet(rows) if corruption is None else corrupt(rows, corruption)
    if store.exists(marker):
        store.delete(marker)
    store.write_bytes(path, content)
    store.write_bytes(marker, b"")
    return path


def corrupt(table: pa.Table, kind: str) -> bytes:
    """The Parquet file of a day that went wrong upstream; `kind` is one of CORRUPTIONS."""
    if kind not in CORRUPTIONS:
        raise NotFound(f"No corruption '{kind}'. Choices: {', '.join(CORRUPTIONS)}.")
    return CORRUPTIONS[kind](table)


def parquet(table: pa.Table) -> bytes:
    """The bytes of a table as one Parquet file: the same table gives the same bytes."""
    buffer = pa.BufferOutputStream()
    pq.write_table(table, buffer, compression="zstd")
    return bytes(buffer.getvalue())


def _truncated_file(table: pa.Table) -> bytes:
    """An upload that broke off: the footer, where Parquet keeps its schema, never came."""
    content = parquet(table)
    return content[: len(content) * 2 // 3]


def _null_in_key(table: pa.Table) -> bytes:
    """A lookup that missed: every thirty-second flight has no number."""
    missed = pc.equal(pc.bit_wise_and(pa.array(range(table.num_rows)), 31), 31)
    return parquet(_replace(table, "flight", pc.if_else(missed, None, table["flight"])))


def _wrong_type(table: pa.Table) -> bytes:
    """A new exporter writes the departure as a clock time in text: 315 becomes "05:15"."""
    clocks = [f"{minute // 60:02}:{minute % 60:02}" for minute in table["sched_dep_minute"].to_pylist()]
    return parquet(_replace(table, "sched_dep_minute", pa.array(clocks)))


def _unknown_carrier(table: pa.Table) -> bytes:
    """One airline moves from its two-letter code to its three-letter code: UA becomes UAL."""
    united = pc.equal(table["carrier"], "UA")
    return parquet(_replace(table, "carrier", pc.if_else(united, "UAL", table["carrier"])))


def _silent_weather(table: pa.Table) -> bytes:
    """The weather feed says nothing: flights come as ever, without a single observation."""
    for name in WEATHER_COLUMNS:
        table = _replace(table, name, pa.nulls(table.num_rows, table.schema.field(name).type))
    return parquet(table)


def _replace(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    return table.set_column(table.schema.get_field_index(name), name, values)


CORRUPTIONS: dict[str, Callable[[pa.Table], bytes]] = {
    "truncated_file": _truncated_file,
    "null_in_key": _null_in_key,
    "wrong_type": _wrong_type,
    "unknown_carrier": _unknown_carrier,
    "silent_weather": _silent_weather,
}
