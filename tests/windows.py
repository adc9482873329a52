"""Window features the slow way, straight from their definition; and partitions in a lake to look at."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pyarrow as pa

from include.lake import Store, content_hash, layout
from include.lake.snapshot import Snapshot, SnapshotEntry
from include.spec import ContractSpec, WindowFeature
from include.spec.windows import microseconds
from tests.landing import publish

CALLS = ContractSpec.model_validate(
    {
        "dataset": "calls",
        "owner": "tests",
        "event_time": "at",
        "keys": ["id"],
        "columns": {
            "id": {"type": "int"},
            "at": {"type": "timestamp", "nullable": True},
            "told": {"type": "timestamp", "nullable": True},
            "line": {"type": "string", "nullable": True},
            "bus": {"type": "int", "nullable": True},
            "late": {"type": "float", "nullable": True, "known": "after"},
            "stops": {"type": "int", "nullable": True},
            "full": {"type": "bool", "nullable": True},
        },
    }
)
TYPES = {"at": pa.timestamp("us", "UTC"), "told": pa.timestamp("us", "UTC"), "line": pa.string(), "bus": pa.int64(),
         "late": pa.float64(), "stops": pa.int64(), "full": pa.bool_(), "id": pa.int64()}  # fmt: skip


def table(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Calls as they are admitted."""
    return pa.table({name: pa.array([row.get(name) for row in rows], kind) for name, kind in TYPES.items()})


def admitted(store: Store, days: Mapping[str, Sequence[Mapping[str, Any]]]) -> Snapshot:
    """The days as a snapshot, their files in the store."""
    return Snapshot(dataset="calls", entries=tuple(entry(store, key, table(rows)) for key, rows in days.items()))


def entry(store: Store, key: str, rows: pa.Table) -> SnapshotEntry:
    digest = content_hash(rows)
    path = layout.admitted("calls", key, digest)
    publish(store, path, rows)
    return SnapshotEntry(key=key, content_hash=digest, path=path, rows=rows.num_rows)


def slowly(feature: WindowFeature, days: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[float | None]:
    """The feature of every row, each from all rows that there are: the definition, word by word."""
    found = []
    for key, rows in days.items():
        first = datetime.fromisoformat(key) - feature.lookback
        seen = [one for day in days if first <= datetime.fromisoformat(day) and day <= key for one in days[day]]
        found += [_of_row(feature, row, seen) for row in rows]
    return found


def _of_row(feature: WindowFeature, row: Mapping[str, Any], seen: Sequence[Mapping[str, Any]]) -> float | None:
    if row.get("at") is None or any(row.get(name) is None for name in feature.by):
        return None
    step = microseconds(feature.step)
    now = micros(row.get("at")) // step * step
    window = [
        amount
        for other in seen
        if all(other.get(name) == row.get(name) for name in feature.by)
        and (amount := _amount(feature, other)) is not None
        and other.get("at") is not None
        and now - microseconds(feature.window) <= micros(other.get("at")) < now
        and (known := _known(feature, other)) is not None
        and known < now
    ]
    if feature.aggregate == "count":
        return float(len(window))
    if feature.aggregate == "sum":
        return float(sum(window, Fraction(0)))
    return float(sum(window, Fraction(0)) / len(window)) if window else None


def _amount(feature: WindowFeature, row: Mapping[str, Any]) -> Fraction | None:
    if feature.of is None:
        return Fraction(1)
    value = row.get(feature.of)
    if value is None or feature.aggregate == "count":
        return None if value is None else Fraction(1)
    if feature.above is not None:
        return Fraction(value > feature.above)
    return Fraction(round(value, feature.decimals)).limit_denominator(10**feature.decimals)


def _known(feature: WindowFeature, row: Mapping[str, Any]) -> int | None:
    if feature.known_at is not None:
        return None if row.get(feature.known_at) is None else micros(row.get(feature.known_at))
    return micros(row.get("at")) + (microseconds(feature.known_after) if feature.known_after else 0)


def micros(moment: datetime) -> int:
    """Microseconds since 1970."""
    delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 10**6 + delta.microseconds
