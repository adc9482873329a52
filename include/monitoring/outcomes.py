"""What was said and what came of it: stored predictions joined with the labels that came later."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from include.evaluation.coded import Coded
from include.features.matrix import Floats, target_vector
from include.lake.reading import Mask, pieces
from include.lake.store import Store
from include.ledger import PartitionRecord, PredictionRecord
from include.spec import ModelSpec
from include.training.predictions import PREDICTION, PROBABILITY

MOST_ROWS = 1_000_000  # of a window; beyond, a seeded share of every day


@dataclass(frozen=True)
class Said:
    """What was said of the rows of some days; `days` has one code per row."""

    said: Floats
    days: Coded


@dataclass(frozen=True)
class Outcomes:
    """Rows of which both is known, what was said and what came true; in the order of their days."""

    said: Floats
    target: Floats
    days: Coded

    def newest(self, days: int) -> "Outcomes":
        """Only so many days with labels, the last ones."""
        kept = np.isin(self.days.codes, np.unique(self.days.codes)[-days:])
        return Outcomes(self.said[kept], self.target[kept], self.days.where(kept))


def said(spec: ModelSpec, files: Sequence[PredictionRecord], store: Store) -> Said:
    """The stored predictions of these days, at most about `MOST_ROWS` of them."""
    kept = _kept(files)
    read = [_said(spec, file, mask, store) for file, mask in zip(files, kept, strict=True)]
    return Said(_joined(spec, read), _days(files, [len(one) for one in read]))


def outcomes(
    spec: ModelSpec, files: Sequence[PredictionRecord], labels: Sequence[PartitionRecord], store: Store
) -> Outcomes:
    """The predictions of these days with their labels, where there is one; at most about `MOST_ROWS` of them.

    `labels` are the versions of the same days that hold what is known of them now. Where that is the version that was
    scored, rows are in their places; elsewhere they are found by the contract's keys.
    """
    found = [
        _outcomes(spec, file, label, mask, store) for file, label, mask in zip(files, labels, _kept(files), strict=True)
    ]
    known = [~np.isnan(target) for _, target in found]
    return Outcomes(
        said=_joined(spec, [one[mask] for (one, _), mask in zip(found, known, strict=True)]),
        target=np.concatenate([np.empty(0), *(one[mask] for (_, one), mask in zip(found, known, strict=True))]),
        days=_days(files, [int(mask.sum()) for mask in known]),
    )


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


def _outcomes(
    spec: ModelSpec, file: PredictionRecord, labels: PartitionRecord, mask: Mask, store: Store
) -> tuple[Floats, Floats]:
    answers, column = _said(spec, file, mask, store), spec.target.column
    if labels.content_hash == file.content_hash:
        return answers, target_vector(_read(store, labels, [column], mask), spec)
    keys = list(spec.contract.keys)
    asked, answered = _read(store, file, keys, mask), _read(store, labels, [*keys, column], None)
    found = places(asked, answered, keys)
    target = target_vector(answered.select([column]), spec)
    return answers, np.where(found >= 0, target[found], np.nan) if len(target) else np.full(len(answers), np.nan)


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
