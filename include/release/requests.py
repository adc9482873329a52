"""Requests as users sent them, from the prediction log: what a load test sends again."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from include.lake import layout
from include.lake.store import Store
from include.ledger.records import now
from include.release.served import lines, paths
from include.serving.recorded import IN_A_TURN, feature_columns, read
from include.spec import ModelSpec

DAYS = 7
MOST_ROWS = 50_000  # of all requests together
WHO = ("prediction_id", "request_id", "served_at", "slot")

Row = tuple[Any, ...]


class Request(NamedTuple):
    """When it came, in seconds since 1970, and its rows."""

    at: float
    rows: tuple[Row, ...]


class Line(NamedTuple):
    """One row of a request; those of one request share its name and its moment."""

    prediction: str
    request: str
    at: float
    row: Row


def newest(asked: ModelSpec, most: int, store: Store, home: Path) -> list[Request]:
    """The newest requests of the last days, oldest first, at most so many. Without those that lack a feature."""
    requests: dict[tuple[float, str], dict[str, Row]] = defaultdict(dict)
    for part in _newest_first(asked, store, home):
        for line in part:
            requests[line.at, line.request][line.prediction] = line.row  # a shadow's second line says the same
        if len(requests) >= most or sum(map(len, requests.values())) >= MOST_ROWS:
            break
    return [Request(at, tuple(rows.values())) for (at, _), rows in sorted(requests.items())[-most:]]


def _newest_first(asked: ModelSpec, store: Store, home: Path) -> Iterator[list[Line]]:
    """What is still on this machine, then file by file of the lake."""
    since = now() - timedelta(days=DAYS)
    yield [line for line in _local(asked, home) if line.at >= since.timestamp()]
    for file in reversed(paths(store, layout.served_folder(asked.name), since.astimezone(UTC).date().isoformat())):
        yield list(_stored(asked, file, store))


def _local(asked: ModelSpec, home: Path) -> Iterator[Line]:
    names = asked.features.names
    for line in lines(home / "log" / asked.name):
        sent = line["features"]
        if line["slot"] in IN_A_TURN and sent.keys() >= set(names):
            yield Line(line["id"], line["request"], line["at"], tuple(sent[name] for name in names))


def _stored(asked: ModelSpec, file: str, store: Store) -> Iterator[Line]:
    columns = list(feature_columns(asked).values())
    for piece in read([file], [*WHO, *columns], store):
        if any(pa.types.is_null(piece.column(name).type) for name in columns):
            return  # the versions of then had other features
        for row in piece.to_pylist():
            if row["slot"] in IN_A_TURN:
                at = row["served_at"].timestamp()
                yield Line(row["prediction_id"], row["request_id"], at, tuple(row[name] for name in columns))
