"""Evidence: what champion and challenger said about the same held-out rows, stored before anybody decides."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from include.errors import NotFound
from include.evaluation.calibration import CalibrationView
from include.evaluation.coded import Coded
from include.evaluation.estimate import Estimate
from include.evaluation.fairness import ColumnFairness
from include.evaluation.history import Comparison
from include.evaluation.probes import Probes
from include.evaluation.slices import SliceTable
from include.features.matrix import Floats
from include.lake import layout
from include.lake.store import Store
from include.spec.contract import Measured
from include.spec.metrics import Task

GROUP = "group:"  # before the name of a group's column in the file


class Summary(Measured):
    """The aggregates of one evaluation, as stored in `evidence.json`. A part that was not measured is None.

    `champion_version` is None while there is no champion; `champion_problem` says why a champion there is could not
    be scored on these rows.
    """

    model: str
    run_id: str
    as_of: str
    task: Task
    classes: tuple[str, ...] = ()
    training_window: str
    held_out_window: str
    training_snapshot: str
    held_out_snapshot: str
    rows: int
    champion_version: str | None
    champion_problem: str | None = None
    challenger_metrics: dict[str, Estimate]
    champion_metrics: dict[str, Estimate] | None
    history: tuple[Comparison, ...] = ()
    reference_window: str = ""
    probes: Probes = Probes()
    calibration: tuple[CalibrationView, ...] | None = None
    slices: SliceTable | None = None
    fairness: tuple[ColumnFairness, ...] | None = None


@dataclass(frozen=True)
class Evidence:
    """The summary with the rows behind it.

    `days`, `target`, `challenger`, `champion` and `groups` have one entry per held-out row with a known label; the
    `reference_` arrays one per row of the reference set. Predictions have a second axis, one column per class, where
    the task is multiclass. `champion` is None while there is none, and where it could not be scored.
    """

    summary: Summary
    days: Coded
    target: Floats
    challenger: Floats
    champion: Floats | None
    reference_challenger: Floats
    reference_champion: Floats | None
    groups: Mapping[str, Coded] = field(default_factory=dict)


def folder(model: str, run_id: str) -> str:
    """Where one run's evidence lies in the lake."""
    return f"{layout.evidence(model)}/{run_id}"


def gate_file(model: str, run_id: str, gate: str) -> str:
    """Where one gate's decision on a run lies, with every check."""
    return f"{folder(model, run_id)}/gate-{gate}.json"


def save(evidence: Evidence, store: Store) -> str:
    """Stores the evidence, the summary last, and gives its folder."""
    place = folder(evidence.summary.model, evidence.summary.run_id)
    rows = {"partition": evidence.days.to_arrow(), "target": pa.array(evidence.target)}
    rows |= {f"{GROUP}{name}": coded.to_arrow() for name, coded in evidence.groups.items()}
    rows |= _said("challenger", evidence.challenger) | _said("champion", evidence.champion)
    fixed = _said("challenger", evidence.reference_challenger) | _said("champion", evidence.reference_champion)
    store.write_bytes(f"{place}/held_out.parquet", _parquet(rows))
    store.write_bytes(f"{place}/reference.parquet", _parquet(fixed))
    store.write_bytes(f"{place}/evidence.json", evidence.summary.model_dump_json(indent=2).encode())
    return place


def load_summary(model: str, run_id: str, store: Store) -> Summary:
    """The aggregates of one run's evidence. Raises NotFound where there is none."""
    place = folder(model, run_id)
    if not store.exists(f"{place}/evidence.json"):
        raise NotFound(f"No evidence for {model} run {run_id} at {store.uri}/{place}. Run its evaluate step first.")
    return Summary.model_validate_json(store.read_bytes(f"{place}/evidence.json"))


def importance(model: str, run_id: str, store: Store) -> dict[str, float]:
    """The share of the version's skill that goes with each feature, as the probe of its robustness measured it.

    Empty where it was not probed; NotFound where there is no evidence at all.
    """
    probed = load_summary(model, run_id, store).probes.robustness
    return probed.importance if probed else {}


def load(model: str, run_id: str, store: Store) -> Evidence:
    """The stored evidence of one run. Raises NotFound where there is none: what is missing does not pass."""
    summary, place = load_summary(model, run_id, store), folder(model, run_id)
    rows, fixed = _table(store, f"{place}/held_out.parquet"), _table(store, f"{place}/reference.parquet")
    reference = _column(fixed, "challenger")
    challenger = _column(rows, "challenger")
    if challenger is None or reference is None:
        raise NotFound(f"The evidence at {store.uri}/{place} lacks the challenger's predictions. Evaluate again.")
    return Evidence(
        summary=summary,
        days=Coded.from_arrow(rows["partition"]),
        target=np.asarray(rows["target"].to_numpy(), dtype=np.float64),
        challenger=challenger,
        champion=_column(rows, "champion"),
        reference_challenger=reference,
        reference_champion=_column(fixed, "champion"),
        groups=dict(_groups(rows)),
    )


def _said(side: str, predictions: Floats | None) -> dict[str, pa.Array]:
    """The columns of one side's predictions: one, or one per class."""
    if predictions is None:
        return {}
    if predictions.ndim == 1:
        return {side: pa.array(predictions)}
    return {f"{side}:{place}": pa.array(column) for place, column in enumerate(predictions.T)}


def _column(table: pa.Table, side: str) -> Floats | None:
    if side in table.column_names:
        return np.asarray(table[side].to_numpy(), dtype=np.float64)
    classes = [name for name in table.column_names if name.startswith(f"{side}:")]
    return np.column_stack([table[name].to_numpy() for name in classes]) if classes else None


def _groups(table: pa.Table) -> Iterator[tuple[str, Coded]]:
    for name in table.column_names:
        if name.startswith(GROUP):
            yield name.removeprefix(GROUP), Coded.from_arrow(table[name])


def _parquet(columns: Mapping[str, pa.Array]) -> bytes:
    buffer = BytesIO()
    pq.write_table(pa.table(dict(columns)), buffer, compression="zstd")
    return buffer.getvalue()


def _table(store: Store, path: str) -> pa.Table:
    return pq.read_table(pa.BufferReader(store.read_bytes(path)))
