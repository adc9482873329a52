"""The same answers with as little as can be: `os.scandir` or one listing, and one SQL query over one connection."""

import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import boto3
from sqlalchemy import create_engine, text

from benchmarks.scaling.world import CONTRACT, MODEL, UNJUDGED, WINDOW, World
from include.lake import layout

NEWEST = """
SELECT key, content_hash FROM partitions
WHERE id IN (SELECT max(id) FROM partitions WHERE dataset = :d AND status = 'admitted' GROUP BY key) ORDER BY key
"""
BEFORE = """
SELECT path FROM partitions WHERE dataset = :d AND status = 'admitted' AND key < :k ORDER BY key DESC LIMIT 1
"""
SCORED = """
SELECT p.path FROM predictions s JOIN partitions p ON p.key = s.key AND p.content_hash = s.content_hash
WHERE s.model = :m AND p.dataset = :d AND s.key BETWEEN :a AND :b ORDER BY s.key
"""
TOLD = """
SELECT outcome FROM decisions WHERE model = :m AND kind = 'watch' AND subject <= :b ORDER BY subject DESC LIMIT :n
"""


def questions(world: World) -> Mapping[str, Callable[[], object]]:
    """Each question by name."""
    connection, keys, files = create_engine(world.ledger_url).connect(), world.keys, _Files(world.lake)
    dataset, listing = {"d": CONTRACT.dataset}, files.listing(layout.landing(CONTRACT.dataset))
    days = {"a": keys[-UNJUDGED - WINDOW], "b": keys[-UNJUDGED - 1], "m": MODEL.name}

    def reconcile() -> list[str]:
        judged = set(connection.execute(text("SELECT key, fingerprint FROM partitions WHERE dataset = :d"), dataset))
        return [key for key, found in sorted(listing().items()) if (key, _fingerprint(found)) not in judged]

    def snapshot() -> str:
        rows = [[row.key, row.content_hash] for row in connection.execute(text(NEWEST), dataset)]
        return hashlib.sha256(json.dumps([CONTRACT.dataset, rows]).encode()).hexdigest()

    def before() -> list[str]:
        path = connection.execute(text(BEFORE), {**dataset, "k": keys[-1]}).scalar_one()
        return next(iter(files.read(path)["types"].items()))

    def watch() -> object:
        paths = connection.execute(text(SCORED), {**dataset, **days}).scalars().all()
        told = connection.execute(text(TOLD), {**days, "n": MODEL.monitoring.of_windows}).scalars().all()
        return sum(files.read(path)["rows"] for path in paths), list(told)[::-1]

    return {
        "list the landing zone": lambda: [(key, len(found) - 1) for key, found in sorted(listing().items())],
        "reconcile it with the ledger": reconcile,
        "snapshot": snapshot,
        "before one admission": before,
        "one day's watch": watch,
    }


class _Files:
    """Files below a folder or a bucket's prefix, without any store between."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._s3 = boto3.client("s3") if parts.scheme == "s3" else None
        self._bucket, self._root = parts.netloc, parts.path.lstrip("/") if self._s3 else address

    def read(self, path: str) -> Any:
        name = f"{self._root}/{layout.profile(path)}"
        if self._s3 is not None:
            return json.loads(self._s3.get_object(Bucket=self._bucket, Key=name)["Body"].read())
        with open(name, "rb") as file:
            return json.load(file)

    def listing(self, folder: str) -> Callable[[], dict[str, list[tuple[str, int, str]]]]:
        """Name, size and tag of each file, by the folder it is in."""

        def listed() -> dict[str, list[tuple[str, int, str]]]:
            found = defaultdict(list)
            for name, size, tag in self._objects(folder) if self._s3 else self._entries(folder):
                key, _, file = name.partition("/")
                found[key].append((file, size, tag))
            return dict(found)

        return listed

    def _objects(self, folder: str) -> Iterator[tuple[str, int, str]]:
        prefix = f"{self._root}/{folder}/"
        assert self._s3 is not None
        for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix):
            for one in page.get("Contents", ()):
                yield one["Key"].removeprefix(prefix), one["Size"], one["ETag"]

    def _entries(self, folder: str) -> Iterator[tuple[str, int, str]]:
        for one in os.scandir(f"{self._root}/{folder}"):
            for file in os.scandir(one.path):
                stat = file.stat()
                yield f"{one.name}/{file.name}", stat.st_size, str(stat.st_mtime_ns)


def _fingerprint(found: list[tuple[str, int, str]]) -> str:
    listed = sorted(one for one in found if one[0].endswith(".parquet"))
    return hashlib.sha256(json.dumps(listed).encode()).hexdigest()[:16]
