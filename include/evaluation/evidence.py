"""Evidence: what champion and challenger said about the same held-out rows, stored before anybody decides."""

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from include.errors import NotFound
from include.features.matrix import Floats
from include.lake import layout
from include.lake.store import Store
from include.spec.contract import Measured
from include.spec.model import Task


class Summary(Measured):
    """The aggregates of one evaluation, as stored in `evidence.json`."""

    model: str
    run_id: str
    as_of: str
    task: Task
    training_window: str
    held_out_window: str
    training_snapshot: str
    held_out_snapshot: str
    rows: int
    champion_version: str | None
    challenger_metrics: dict[str, float]
    champion_metrics: dict[str, float] | None


@dataclass(frozen=True)
class Evidence:
    """The summary with the rows behind it.

    `partitions`, `target`, `challenger` and `champion` have one entry per held-out row with a known label;
    the `reference_` arrays one per row of the fixed reference set. `champion` is None while there is none.
    """

    summary: Summary
    partitions: npt.NDArray[np.str_]
    target: Floats
    challenger: Floats
    champion: Floats | None
    reference_challenger: Floats
    reference_champion: Floats | None

    @property
    def day_blocks(self) -> npt.NDArray[np.int64]:
        """Each held-out row's day as a number 0 .. days-1, in day order."""
        return np.asarray(np.unique(self.partitions, return_inverse=True)[1], dtype=np.int64)


def folder(model: str, run_id: str) -> str:
    """Where one run's evidence lies in the lake."""
    return f"{layout.evidence(model)}/{run_id}"


def save(evidence: Evidence, store: Store) -> str:
    """Stores the evidence, the summary last, and gives its folder."""
    place = folder(evidence.summary.model, evidence.summary.run_id)
    rows: dict[str, npt.NDArray[np.generic]] = {
        "partition": evidence.partitions,
        "target": evidence.target,
        "challenger": evidence.challenger,
    }
    reference: dict[str, npt.NDArray[np.generic]] = {"challenger": evidence.reference_challenger}
    if evidence.champion is not None and evidence.reference_champion is not None:
        rows["champion"], reference["champion"] = evidence.champion, evidence.reference_champion
    store.write_bytes(f"{place}/held_out.parquet", _parquet(rows))
    store.write_bytes(f"{place}/reference.parquet", _parquet(reference))
    store.write_bytes(f"{place}/evidence.json", evidence.summary.model_dump_json(indent=2).encode())
    return place


def load(model: str, run_id: str, store: Store) -> Evidence:
    """The stored evidence of one run. Raises NotFound where there is none: what is missing does not pass."""
    place = folder(model, run_id)
    if not store.exists(f"{place}/evidence.json"):
        raise NotFound(f"No evidence for {model} run {run_id} at {store.uri}/{place}. Run its evaluate step first.")
    rows, reference = _table(store, f"{place}/held_out.parquet"), _table(store, f"{place}/reference.parquet")
    return Evidence(
        summary=Summary.model_validate_json(store.read_bytes(f"{place}/evidence.json")),
        partitions=np.asarray(rows["partition"].to_pylist(), dtype=np.str_),
        target=_column(rows, "target"),
        challenger=_column(rows, "challenger"),
        champion=_column(rows, "champion") if "champion" in rows.column_names else None,
        reference_challenger=_column(reference, "challenger"),
        reference_champion=_column(reference, "champion") if "champion" in reference.column_names else None,
    )


def _parquet(columns: Mapping[str, npt.NDArray[np.generic]]) -> bytes:
    buffer = BytesIO()
    pq.write_table(pa.table(dict(columns)), buffer, compression="zstd")
    return buffer.getvalue()


def _table(store: Store, path: str) -> pa.Table:
    return pq.read_table(pa.BufferReader(store.read_bytes(path)))


def _column(table: pa.Table, name: str) -> Floats:
    return np.asarray(table[name].to_numpy(), dtype=np.float64)
