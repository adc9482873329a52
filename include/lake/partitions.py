"""What has landed: one folder per partition key, its files and whether it is complete."""

import hashlib
import json
import logging
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from include.lake import layout
from include.lake.store import Entry, Store
from include.spec import ContractSpec

log = logging.getLogger(__name__)
_LONGEST = 100


@dataclass(frozen=True)
class Landed:
    """One landed partition. `fingerprint` changes when a file is added, removed or rewritten.

    `settled` says that it is complete: its marker is there or, for a contract without a marker, its files have
    rested for `landing.rest_seconds`.
    """

    key: str
    fingerprint: str
    files: tuple[Entry, ...]
    settled: bool
    store: Store


def landed(contract: ContractSpec, store: Store, now: float | None = None) -> list[Landed]:
    """Every partition in the landing zone, ordered by key, from one listing, at `now` in epoch seconds."""
    zone = landing_zone(contract, store)
    folders: dict[str, list[Entry]] = defaultdict(list)
    ignored: set[str] = set()
    for entry in zone.list():
        folder, _, name = entry.path.partition("/")
        if name and (folder in folders or is_key(contract, folder)):
            folders[folder].append(entry)
        else:
            ignored.add(folder)
    if ignored:
        log.warning("Ignored in %s, no partition keys (%s): %s", zone.uri, contract.partition_format, some(ignored))
    found = (_partition(contract, zone, key, folders[key], now) for key in sorted(folders))
    return [partition for partition in found if partition is not None]


def landed_partition(contract: ContractSpec, store: Store, key: str, now: float | None = None) -> Landed | None:
    """The partition with this key, None if nothing of it has landed."""
    if not is_key(contract, key):
        return None
    zone = landing_zone(contract, store)
    return _partition(contract, zone, key, zone.list(key), now)


def landing_zone(contract: ContractSpec, store: Store) -> Store:
    """The store whose folders are the partitions of the dataset as they land."""
    if contract.landing.uri is not None:
        return Store.open(contract.landing.uri)
    return store.under(layout.landing(contract.dataset))


def is_key(contract: ContractSpec, name: str) -> bool:
    """Whether the name is a partition key exactly as the contract writes it."""
    try:
        return datetime.strptime(name, contract.partition_format).strftime(contract.partition_format) == name
    except ValueError:
        return False


def _partition(
    contract: ContractSpec, zone: Store, key: str, entries: Iterable[Entry], now: float | None
) -> Landed | None:
    direct = [entry for entry in entries if entry.path == f"{key}/{entry.name}"]
    files = tuple(entry for entry in direct if entry.name.endswith(".parquet") and entry.name[0] not in "._")
    marker = contract.landing.marker
    marked = any(entry.name == marker for entry in direct)
    if not files and not marked:
        return None
    fingerprint = _fingerprint(files)
    settled = marked if marker is not None else _rested(files, contract.landing.rest_seconds, now)
    return Landed(key, fingerprint, files, settled, zone)


def _rested(files: Iterable[Entry], seconds: float, now: float | None) -> bool:
    newest = max(entry.mtime_ns for entry in files) / 1e9
    return (time.time() if now is None else now) - newest >= seconds


def _fingerprint(files: Iterable[Entry]) -> str:
    listed = sorted((entry.name, entry.size, entry.tag) for entry in files)
    return hashlib.sha256(json.dumps(listed).encode()).hexdigest()[:16]


def some(names: Iterable[str], most: int = 5) -> str:
    """The first names as they can be shown, and how many more there are."""
    ordered = [repr(name[:_LONGEST]) for name in sorted(names)]
    return ", ".join(ordered[:most]) + (f" and {len(ordered) - most} more" if len(ordered) > most else "")
