"""What was said and what came of it: stored predictions joined with the labels that came later."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from include.evaluation.coded import Coded, Codes
from include.features.matrix import Floats, target_vector
from include.lake.reading import Mask, pieces
from include.lake.store import Store
from include.ledger import PartitionRecord, PredictionRecord
from include.spec import ModelSpec
from include.training.predictions import PREDICTION, PROBABILITY

MOST_ROWS = 200_000  # of a window; beyond, a seeded share of every day
ReadFeatures = Callable[[Sequence[PredictionRecord], Sequence[Mask]], pd.DataFrame]
"""Gives the features of the kept rows of each day, as they were when it was scored."""


@dataclass(frozen=True)
class Said:
    """What was said of the rows of some days; `days` has one code per row, `inputs` its features if they were asked
    for."""

    said: Floats
    days: Coded
    inputs: pd.DataFrame | None = None

    @property
    def present(self) -> Codes:
        """The codes of the days that have rows."""
        return np.unique(self.days.codes)

    def where(self, kept: Mask) -> "Said":
        """Only the rows that are kept."""
        return Said(self.said[kept], self.days.where(kept), None if self.inputs is None else self.inputs[kept])


@dataclass(frozen=True)
class Outcomes:
    """Rows of which both is known, what was said and what came true; in the order of their days."""

    rows: Said
    target: Floats

    def newest(self, days: int) -> "Outcomes":
        """Only so many days with labels, the last ones."""
        return self.where(np.isin(self.rows.days.codes, self.rows.present[-days:]))

    def where(self, kept: Mask) -> "Outcomes":
        """Only the rows that are kept."""
        return Outcomes(self.rows.where(kept), self.target[kept])


def said(
    spec: ModelSpec, files: Sequence[PredictionRecord], store: Store, features: ReadFeatures | None = None
) -> Said:
    """The stored predictions of these days, at most about `MOST_ROWS` of them."""
    kept = _kept(files)
    read = [_said(spec, file, mask, store) for file, mask in zip(files, kept, strict=True)]
    inputs = features(files, kept) if features and files else None
    return Said(_joined(spec, read), _days(files, [len(one) for one in read]), inputs)


def outcomes(
    spec: ModelSpec,
    files: Sequence[PredictionRecord],
    labels: Sequence[PartitionRecord],
    store: Store,
    features: ReadFeatures | None = None,
) -> Outcomes:
    """The predictions of these days with their labels, those of them that have one.

    `labels` are the versions of the same days that hold what is known of them now. Where that is the version that was
    scored, rows are in their places; elsewhere they are found by the contract's keys.
    """
    asked = list(zip(files, labels, _kept(files), strict=True))
    target = np.concatenate([np.empty(0), *(_target(spec, file, label, mask, store) for file, label, mask in asked)])
    return Outcomes(said(spec, files, store, features), target).where(~np.isnan(target))


def places(asked: pa.Table, answered: pa.Table, by: Sequence[str]) -> npt.NDArray[np.intp]:
    """For each row of the first table the place of its row in the second, found by these columns; -1 where it has none.

    Of rows that are there twice the last one counts: what came later. Rows that nobody asked for are left out. The
    tables may be in any order.
    """
    left, right = (_index(table, by) for table in (asked, answered))
    newest = ~right.duplicated(keep="last")
    found = right[newest].get_indexer(left)
    return np.where(found >= 0, np.flatnonzero(newest)[found], -1) if newest.any() else found


def _index(table: pa.Table, by: Sequence[str]) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(table.select(list(by)).to_pandas())


def _target(spec: ModelSpec, file: PredictionRecord, labels: PartitionRecord, mask: Mask, store: Store) -> Floats:
    """What came of each row that was asked about, NaN where it is not known."""
    column = spec.target.column
    if labels.content_hash == file.content_hash:
        return target_vector(_read(store, labels, [column], mask), spec)
    keys = list(spec.contract.keys)
    asked, answered = _read(store, file, keys, mask), _read(store, labels, [*keys, column], None)
    found, target = places(asked, answered, keys), target_vector(answered.select([column]), spec)
    return np.where(found >= 0, target[found], np.nan) if len(target) else np.full(len(found), np.nan)


def _said(spec: ModelSpec, file: PredictionRecord, mask: Mask, store: Store) -> Floats:
    classes = [f"{PROBABILITY}{name}" for name in spec.target.classes]
    table = _read(store, file, classes or [PREDICTION], mask)
    columns = [np.asarray(table[name].to_numpy(), dtype=np.float64) for name in table.column_names]
    return np.column_stack(columns) if classes else columns[0]


def _read(store: Store, file: PredictionRecord | PartitionRecord, columns: list[str], mask: Mask | None) -> pa.Table:
    return pa.Table.from_batches(pieces(store, file, columns, mask))  # type: ignore[arg-type] # admitted: path and rows


def _kept(files: Sequence[PredictionRecord]) -> list[Mask]:
    share, random = min(1.0, MOST_ROWS / max(sum(file.rows for file in files), 1)), np.random.default_rng(0)
    return [random.random(file.rows) < share for file in files]


def _joined(spec: ModelSpec, parts: Sequence[Floats]) -> Floats:
    empty = np.empty((0, len(spec.target.classes))) if spec.target.classes else np.empty(0)
    return np.concatenate([empty, *parts])


def _days(files: Sequence[PredictionRecord], rows: Sequence[int]) -> Coded:
    return Coded(np.repeat(np.arange(len(files), dtype=np.int32), rows), tuple(file.key for file in files))
