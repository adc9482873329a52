"""Feast as the feature store: its repository made of what is declared, and its online store written and read."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pyarrow as pa
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig
from feast.repo_config import RegistryConfig
from feast.types import Array, Int64, String
from feast.value_type import ValueType

from include.errors import Outage, PerennialError, SpecError
from include.features.state import PARTS, Windows, column, views
from include.lake import layout
from include.lake.store import Store
from include.settings import settings
from include.spec import ContractSpec

EVENT, CREATED = "event_timestamp", "created"
CLOCK = {"since": Int64, "newest": Int64, "snapshot": String, "key": String, "definitions": String}
REDIS_PORT = 6379
_KINDS = {"string": ValueType.STRING, "int": ValueType.INT64}


class FeatureRepository:
    """The window features of one dataset in Feast.

    Feast's registry is made of the declarations by each process anew: it is no state that could be another's.
    """

    def __init__(self, contract: ContractSpec, windows: Windows, lake: Store) -> None:
        self._contract, self._windows, self._lake = contract, windows, lake
        with explained(), tempfile.TemporaryDirectory(prefix="perennial-features-") as folder:
            self._store = FeatureStore(config=_config(Path(folder)))
            self._store.apply([*self._entities(), *self._views()])
            self._store.refresh_registry()  # type: ignore[no-untyped-call]  # from here on it is in memory

    def write(self, by: Sequence[str], rows: pa.Table) -> None:
        """Replaces what the online store holds of these entities; the rows have the columns EVENT and CREATED."""
        with explained():
            self._store.write_to_online_store(layout.feature_view(self._contract.dataset, by), df=rows.to_pandas())

    def read(self, by: Sequence[str], entities: pa.Table, fields: Sequence[str]) -> pa.Table:
        """The fields of each entity, one row each, in their order; null where the store does not have it."""
        view, asked = layout.feature_view(self._contract.dataset, by), entities.to_pylist()
        with explained():
            found = self._store.get_online_features([f"{view}:{field}" for field in fields], asked).to_dict()
        return pa.table({**{name: entities[name] for name in by}, **{field: found[field] for field in fields}})

    def _entities(self) -> list[Any]:
        names = sorted({name for by, _ in views(self._windows) for name in by})
        kinds = {name: _KINDS[self._contract.columns[name].type] for name in names}
        return [Entity(name=name, join_keys=[name], value_type=kind) for name, kind in kinds.items()] + [_DATASET]

    def _views(self) -> list[Any]:
        entities = {one.name: one for one in self._entities()}
        found = [self._view(DATASET, [_DATASET], [Field(name=name, dtype=kind) for name, kind in CLOCK.items()])]
        for by, windows in views(self._windows):
            lists = [Field(name=column(name, part), dtype=Array(Int64)) for name in windows for part in PARTS]
            found.append(self._view(by, [entities[name] for name in by], lists))
        return found

    def _view(self, by: Sequence[str], entities: list[Any], fields: list[Any]) -> Any:
        dataset = self._contract.dataset
        source = FileSource(
            path=self._lake.locate(layout.feature_states(dataset, by)),
            timestamp_field=EVENT,
            created_timestamp_column=CREATED,
        )
        name = layout.feature_view(dataset, by)
        return FeatureView(name=name, entities=entities, schema=fields, source=source, ttl=timedelta(0))


DATASET = ("dataset",)
_DATASET = Entity(name="dataset", join_keys=["dataset"], value_type=ValueType.STRING)


def _config(folder: Path) -> Any:
    return RepoConfig(
        project="perennial",
        provider="local",
        registry=RegistryConfig(path=str(folder / "registry.db"), cache_ttl_seconds=0),  # 0: it never expires
        online_store=_online(settings().online_store),
        offline_store={"type": "file"},
        entity_key_serialization_version=3,
    )


def _online(address: str) -> dict[str, str | bool]:
    """What Feast calls the online store at `sqlite:////folder/file` or `redis://:password@host:port/number`."""
    parts = urlsplit(address)
    if parts.scheme == "sqlite":
        path = Path(parts.path.removeprefix("/"))
        path.parent.mkdir(parents=True, exist_ok=True)
        return {"type": "sqlite", "path": str(path)}
    if parts.scheme in {"redis", "rediss"} and parts.hostname:
        secret = {"username": parts.username, "password": parts.password}
        options = [f"{name}={json.dumps(unquote(value))}" for name, value in secret.items() if value]
        options += [f"db={parts.path.strip('/') or 0}", *(["ssl=true"] if parts.scheme == "rediss" else [])]
        place = f"{parts.hostname}:{parts.port or REDIS_PORT}"
        # without skip_dedup Feast keeps what it has where the newest event is the same: a corrected day would be lost
        return {"type": "redis", "connection_string": ",".join([place, *options]), "skip_dedup": True}
    raise SpecError(
        f"PERENNIAL_ONLINE_STORE: {parts.scheme}://… is no online store. Use sqlite:////folder/online.db or "
        "redis://host:6379/0."
    )


@contextmanager
def explained() -> Iterator[None]:
    """Turns what the online store reports into Outage: it is made of the lake, and can always be made again."""
    try:
        yield
    except PerennialError:
        raise
    except Exception as problem:
        scheme = settings().online_store.partition("://")[0]
        raise Outage(
            f"The online store ({scheme}) did not answer: {type(problem).__name__}: {problem}. Check that it runs and "
            "that PERENNIAL_ONLINE_STORE names it. Nothing is lost: materialise-features fills it from the lake."
        ) from problem
