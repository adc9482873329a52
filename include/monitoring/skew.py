"""Training-serving skew: the window features that rows were served with, against those a training reads of them."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from include.errors import BadData, NotFound, NothingToDo
from include.features.feast_store import FeatureRepository
from include.features.online import Served, serve
from include.features.state import Windows
from include.features.timeline import Floats
from include.features.windows import window_columns
from include.lake import layout
from include.lake.reading import read_table
from include.lake.snapshot import Snapshot
from include.lake.store import Store
from include.ledger import Decision, Ledger, PredictionRecord
from include.monitoring.recording import WATCH
from include.monitoring.references import scored
from include.spec import ModelSpec
from include.spec.contract import Frozen


class FeatureSkew(Frozen):
    """One window feature of the rows that were scored: of how many another bit was served than is read now.

    `online_rows` are those that the online store could answer for.
    """

    feature: str
    scored_with_another: int
    online_rows: int
    online_answers_another: int


class Skew(Frozen):
    """What a replay of one scored partition found; `online` says why the online store was not asked."""

    model: str
    version: str
    key: str
    rows: int
    features: tuple[FeatureSkew, ...]
    online: str | None = None

    @property
    def differs(self) -> bool:
        """Whether any feature of any row differs."""
        return any(one.scored_with_another or one.online_answers_another for one in self.features)

    @property
    def sentence(self) -> str:
        """What came of it, and what to do."""
        asked = min((one.online_rows for one in self.features), default=0)
        store = f"online store not asked: {self.online}" if self.online else f"online store answers for {asked}"
        what = f"{self.model} {self.key}: {self.rows} rows scored with v{self.version}"
        if not self.differs:
            return f"{what}, {len(self.features)} window features the same to the bit when read again; {store}"
        wrong = "; ".join(
            f"{one.feature} differs in {one.scored_with_another} as scored and {one.online_answers_another} online"
            for one in self.features
            if one.scored_with_another or one.online_answers_another
        )
        return (
            f"{what}: {wrong}. Either a day was admitted late or again since (score and materialise again), or rows "
            "are known later than features.yaml says (raise known_after, under another name)."
        )


def check(
    spec: ModelSpec, key: str, windows: Windows, repository: FeatureRepository, store: Store, ledger: Ledger
) -> tuple[Skew, str]:
    """The comparison, recorded, and where it is stored. NothingToDo where the partition was not scored.

    `windows` are all that the dataset declares, which the online store holds.
    """
    records = ledger.predictions(spec.name, key, key)
    if not records:
        raise NothingToDo(f"{spec.name} has no predictions for {key} yet: score the partition first.")
    record, snapshot = records[-1], scored(spec, records[-1:], ledger)
    told = _scored_with(spec, record, store)
    replayed = window_columns(spec.windows, spec.contract, snapshot, store)
    served, problem = _served(spec, snapshot, windows, repository, store)
    found = Skew(
        model=spec.name, version=record.version, key=key, rows=record.rows, online=problem,
        features=tuple(_compared(name, told[name], replayed[name], served) for name in spec.windows),
    )  # fmt: skip
    return found, _record(found, store, ledger)


def _scored_with(spec: ModelSpec, record: PredictionRecord, store: Store) -> pa.Table:
    try:
        return read_table(store, [record], list(spec.windows))
    except NotFound as problem:
        raise BadData(
            f"{spec.name} {record.key} was scored before it had these features. Score it again: {problem}"
        ) from problem


def _served(
    spec: ModelSpec, snapshot: Snapshot, windows: Windows, repository: FeatureRepository, store: Store
) -> tuple[Served | None, str | None]:
    """What the online store answers to the same rows now, or why it cannot."""
    entities = dict.fromkeys(column for feature in windows.values() for column in feature.by)
    rows = read_table(store, snapshot.entries, list(dict.fromkeys([*entities, spec.contract.event_time])))
    try:
        return serve(windows, spec.contract, rows, repository), None
    except NotFound as problem:
        return None, str(problem)


def _compared(name: str, told: pa.ChunkedArray, replayed: Floats, served: Served | None) -> FeatureSkew:
    if served is None:
        return FeatureSkew(
            feature=name, scored_with_another=_others(_floats(told), replayed), online_rows=0, online_answers_another=0
        )
    covered = served.covered[name]
    return FeatureSkew(
        feature=name,
        scored_with_another=_others(_floats(told), replayed),
        online_rows=int(covered.sum()),
        online_answers_another=_others(served.values[name][covered], replayed[covered]),
    )


def _floats(column: pa.ChunkedArray) -> Floats:
    return np.asarray(pc.fill_null(column.cast(pa.float64()), float("nan")).to_numpy())


def _others(one: Floats, other: Floats) -> int:
    """How many differ in a bit; two that are missing do not."""
    return int(((one.view(np.int64) != other.view(np.int64)) & ~(np.isnan(one) & np.isnan(other))).sum())


def _record(found: Skew, store: Store, ledger: Ledger) -> str:
    place = layout.feature_check(found.model, found.key)
    store.write_bytes(place, found.model_dump_json(indent=2).encode())
    ledger.record_decision(
        Decision(
            model=found.model, kind="feature_check", subject=found.key, outcome="differs" if found.differs else "equal",
            reason=found.sentence, actor=WATCH, evidence=place, detail=found.model_dump_json(),
        ),
        once=True,
    )  # fmt: skip
    return place
