"""What the service answered on one day: the features as served and the answers of each version, as a profile.

A record belongs to the UTC day it was answered on. A day is read once, in pieces; what was seen is kept in the lake,
and read again only where segments came since or the declared features are others.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as kinds

from include.errors import BadData
from include.lake import layout
from include.lake.blocks import BLOCK_ROWS
from include.lake.profile import Profile
from include.lake.profiling import profiler
from include.lake.store import Store
from include.serving import recorded
from include.serving.recorded import IN_A_TURN, who_failed
from include.spec import ColumnSpec, ModelSpec
from include.spec.frozen import Measured
from include.training.predictions import PREDICTION

FEW = ("model_version", "slot", "error")


class Traffic(Measured):
    """One day of requests in turn, in rows. `glass` are those that no version answered.

    `failed` counts by version the rows it failed, whoever answered then. `versions` has what each version answered.
    """

    day: str
    files: tuple[str, ...]
    features: tuple[str, ...]
    rows: int
    glass: int
    failed: dict[str, int]
    versions: dict[str, Profile]

    def answered(self, version: str) -> int:
        """The rows that a version answered."""
        return self.versions[version].rows if version in self.versions else 0


def place(model: str, day: str, name: str) -> str:
    """Where something about a day of live traffic is kept in the lake."""
    return f"{layout.evidence(model)}/served/{day}/{name}.json"


def traffic(spec: ModelSpec, last: date, days: int, store: Store) -> dict[date, Traffic]:
    """The days up to the last that have requests in turn, oldest first."""
    asked = (last - timedelta(days=back) for back in range(days - 1, -1, -1))
    found = {day: _of_day(spec, day.isoformat(), store) for day in asked}
    return {day: one for day, one in found.items() if one is not None and one.rows}


def _of_day(spec: ModelSpec, day: str, store: Store) -> Traffic | None:
    """What was kept outlives the log, which is removed after `serving.keep_days`."""
    files, kept = tuple(recorded.served_files(spec, day, store)), place(spec.name, day, "traffic")
    known = Traffic.model_validate_json(store.read_bytes(kept)) if store.exists(kept) else None
    if known is not None and known.features == spec.features.names and (known.files == files or not files):
        return known
    if not files:
        return None
    made = read(spec, day, files, store)
    store.write_bytes(kept, made.model_dump_json().encode())
    return made


def read(spec: ModelSpec, day: str, files: tuple[str, ...], store: Store) -> Traffic:
    """The day from its records. BadData where a column holds what the contract does not know."""
    tally, places = _Tally(spec), {**recorded.feature_columns(spec), PREDICTION: PREDICTION}
    for piece in recorded.read(files, (*FEW, *places.values()), store):
        tally.add(piece.rename_columns([*FEW, *places]))
    return Traffic(
        day=day, files=files, features=spec.features.names, rows=tally.rows, glass=tally.glass,
        failed=dict(tally.failed), versions={name: one.result() for name, one in tally.versions.items()},
    )  # fmt: skip


class _Tally:
    def __init__(self, spec: ModelSpec) -> None:
        self.rows, self.glass = 0, 0
        self.failed: Counter[str] = Counter()
        self.versions: dict[str, _Answers] = {}
        self._columns = {name: spec.column(name) for name in spec.features.names}
        self._columns[PREDICTION] = ColumnSpec(type="string" if spec.target.classes else "float")

    def add(self, piece: pa.RecordBatch) -> None:
        turns = piece.filter(pc.is_in(piece["slot"], pa.array(IN_A_TURN)))
        self.rows += turns.num_rows
        for error in turns["error"].drop_null().value_counts().to_pylist():
            for version in set(who_failed(error["values"])):
                self.failed[version] += error["counts"]
        said = turns.filter(turns[PREDICTION].is_valid())
        for version in said["model_version"].unique().to_pylist():
            mine = said.filter(pc.equal(said["model_version"], version))
            if version:
                self.versions.setdefault(version, _Answers(self._columns)).add(mine)
            else:
                self.glass += mine.num_rows


class _Answers:
    """The profile of what one version answered, made block by block: segments are many and small."""

    def __init__(self, columns: Mapping[str, ColumnSpec]) -> None:
        self.rows = 0
        self._columns = columns
        self._profilers = {name: made for name, spec in columns.items() if (made := profiler(spec)) is not None}
        self._waiting: list[pa.RecordBatch] = []
        self._held = 0

    def add(self, piece: pa.RecordBatch) -> None:
        self._waiting.append(_as_admitted(piece, self._columns))
        self.rows, self._held = self.rows + piece.num_rows, self._held + piece.num_rows
        if self._held >= BLOCK_ROWS:
            self._profile()

    def result(self) -> Profile:
        self._profile()
        return Profile(rows=self.rows, columns={name: one.result() for name, one in self._profilers.items()})

    def _profile(self) -> None:
        if not self._waiting:
            return
        block, self._waiting, self._held = pa.Table.from_batches(self._waiting), [], 0
        for name, made in self._profilers.items():
            made.add(block[name].combine_chunks())


def _as_admitted(piece: pa.RecordBatch, columns: Mapping[str, ColumnSpec]) -> pa.RecordBatch:
    arrays = [_typed(name, piece[name], spec) for name, spec in columns.items()]
    return pa.RecordBatch.from_arrays(arrays, list(columns))


def _typed(name: str, column: pa.Array, spec: ColumnSpec) -> pa.Array:
    """As admission has such a column, whichever way the model takes it: whole numbers as numbers, flags as words."""
    try:
        if spec.type in ("int", "float"):
            return column.cast(pa.float64())
        if spec.type == "bool" and kinds.is_floating(column.type):
            return pc.if_else(pc.equal(column, 0), "false", "true")
        return column.cast(pa.string())
    except pa.ArrowInvalid as problem:
        raise BadData(
            f"The prediction log has {name} as no {spec.type}: {problem}. Did its contract change?"
        ) from problem
