"""A model as a user declares it, and the admitted days it learns from."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import yaml

from include.lake import Store, content_hash, layout, profile_table
from include.ledger import Ledger, PartitionRecord
from include.spec import ContractSpec, ModelSpec
from tests.landing import TRIPS, contract, publish

LATE: dict[str, Any] = {
    "owner": "tests",
    "task": "binary",
    "dataset": "trips",
    "target": {"column": "late", "above": 15},
    "features": {"numeric": ["bus", "full"], "categorical": ["line"]},
}
PIPELINE = '''"""Logistic regression on two numbers."""

from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline


def build_pipeline(params):
    numbers = ColumnTransformer([("numbers", "passthrough", ["bus"])])
    return Pipeline([("columns", numbers), ("line", LogisticRegression(**params))])
'''


def declare(
    models: Path,
    name: str = "trip_late",
    *,
    model: dict[str, Any] | str | None = None,
    contract: dict[str, Any] | str | None = None,
    pipeline: str | None = PIPELINE,
) -> Path:
    """Writes a model's folder and gives it; a contract only if one is given."""
    folder = models / name
    folder.mkdir()
    for file, content in (("model.yaml", LATE if model is None else model), ("contract.yaml", contract)):
        if content is not None:
            folder.joinpath(file).write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    if pipeline is not None:
        folder.joinpath("pipeline.py").write_text(pipeline)
    return folder


def spec(**changes: Any) -> ModelSpec:
    """The model `trip_late`; a change replaces a top-level key, or its contract."""
    declared = {**LATE, "name": "trip_late", "contract": contract(), **changes}
    declared.pop("dataset")
    return ModelSpec.model_validate({key: value for key, value in declared.items() if value is not None})


def trips(rows: int = 40, seed: int = 1, shift: int = 0) -> pa.Table:
    """Admitted trips: high bus numbers are late, some labels and flags are missing; `shift` moves the numbers."""
    random = np.random.default_rng(seed)
    bus = random.integers(1, 50, rows) + shift
    late = bus + random.normal(0, 5, rows)
    return pa.table(
        {
            "at": pa.array(range(rows), pa.timestamp("ms")),
            "bus": pa.array(bus),
            "line": pa.array(random.choice(["red", "blue"], rows)),
            "late": pa.array(late, mask=random.random(rows) < 0.1),
            "full": pa.array(random.random(rows) < 0.5, mask=random.random(rows) < 0.1),
            "driver": pa.array(["ann"] * rows),
        }
    )


def admit(key: str, store: Store, ledger: Ledger, table: pa.Table | None = None, **changes: Any) -> PartitionRecord:
    """A partition as admission leaves it: file, profile and the ledger's row."""
    rows = trips() if table is None else table
    declared: ContractSpec = contract(**changes)
    digest = content_hash(rows)
    path = layout.admitted(declared.dataset, key, digest)
    publish(store, path, rows)
    store.write_bytes(layout.profile(path), profile_table(rows, declared).to_json())
    return ledger.record_partition(
        PartitionRecord(
            dataset=declared.dataset, key=key, fingerprint=digest[:16], status="admitted",
            content_hash=digest, rows=rows.num_rows, path=path,
        )
    )  # fmt: skip


def admit_days(first: str, days: int, store: Store, ledger: Ledger, shift: int = 0) -> list[str]:
    """Consecutive days, each with other rows; gives their keys."""
    keys = [(date.fromisoformat(first) + timedelta(days=day)).isoformat() for day in range(days)]
    for number, key in enumerate(keys):
        admit(key, store, ledger, trips(seed=number, shift=shift))
    return keys


__all__ = ["LATE", "PIPELINE", "TRIPS", "admit", "admit_days", "contract", "declare", "publish", "spec", "trips"]
