"""What came of what the service answered: labels joined by prediction id, late, out of order; the newest word holds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from include.evaluation.coded import Coded
from include.features.matrix import Floats, feature_frame
from include.lake.blocks import blocks
from include.lake.hashes import text_hashes
from include.lake.store import Store
from include.monitoring.maturity import Arrival
from include.monitoring.outcomes import MOST_ROWS, Said
from include.monitoring.traffic import Traffic
from include.serving import recorded
from include.serving.recorded import IN_A_TURN, LABEL
from include.spec import ModelSpec
from include.training.data import partition_key

EPOCH, DAY = date(1970, 1, 1), 86_400_000_000  # microseconds
NEVER = np.iinfo(np.int64).max
Days = npt.NDArray[np.int64]  # since 1970


@dataclass(frozen=True)
class Answers:
    """What a version said in turn, and the prediction ids."""

    ids: pa.Array
    rows: Said


@dataclass(frozen=True)
class Feedback:
    """What came true of each answer, NaN where nobody knows, and the day on which a label of it first came.

    `unusable` labels are no values of the target: another class, or a number where 0 or 1 is asked for.
    """

    target: Floats
    first: Days
    unusable: int


def answers(spec: ModelSpec, version: str, days: Mapping[date, Traffic], store: Store) -> Answers:
    """What the version said on these days, at most about `MOST_ROWS`: of more the same share of every day, by id.

    For a regression with the features as served: what is said of a number does not say how sure it is.
    """
    inputs = recorded.feature_columns(spec) if spec.task == "regression" else {}
    share = min(1.0, MOST_ROWS / max(sum(one.answered(version) for one in days.values()), 1))
    parts = [_of_day(spec, version, one, share, inputs, store) for one in days.values()]
    empty = pa.table({name: [] for name in (*_asked(spec), *inputs)})
    whole = pa.concat_tables([empty, *parts], promote_options="permissive")
    codes = np.repeat(np.arange(len(parts), dtype=np.int32), [len(one) for one in parts])
    keys = Coded(codes, tuple(partition_key(spec.contract, day) for day in days))
    frame = feature_frame(whole, spec) if inputs else None
    return Answers(whole["prediction_id"].cast(pa.string()).combine_chunks(), Said(_said(spec, whole), keys, frame))


def _asked(spec: ModelSpec) -> list[str]:
    return ["prediction_id", *recorded.answer_columns(spec.target.classes)]


def _of_day(
    spec: ModelSpec, version: str, day: Traffic, share: float, inputs: Mapping[str, str], store: Store
) -> pa.Table:
    """The rows that the version answered in turn, those of them that are kept."""
    asked, who = _asked(spec), ("model_version", "slot")
    found = []
    for piece in recorded.read(day.files, (*who, *asked, *inputs.values()), store):
        in_turn = pc.and_(pc.equal(piece["model_version"], version), pc.is_in(piece["slot"], pa.array(IN_A_TURN)))
        mine = piece.filter(pc.and_(in_turn, piece["prediction"].is_valid()))
        drawn = (text_hashes(mine["prediction_id"]) >> np.uint64(11)) * 2.0**-53 < share
        found.append(pa.Table.from_batches([mine.filter(pa.array(drawn))]).rename_columns([*who, *asked, *inputs]))
    return pa.concat_tables(found, promote_options="permissive").select([*asked, *inputs])


def _said(spec: ModelSpec, rows: pa.Table) -> Floats:
    """The answers as numbers: of several classes one probability each."""
    classes = spec.target.classes
    names = recorded.answer_columns(classes)[1 if classes else 0 :]
    columns = [np.asarray(rows[name].cast(pa.float64()).to_numpy(), dtype=np.float64) for name in names]
    return np.column_stack(columns) if classes else columns[0]


def feedback(spec: ModelSpec, asked: Answers, first: date, until: date, store: Store) -> Feedback:
    """What came true of the answers by the end of a day. Labels are read from the first day on, each once."""
    newest = _Newest(len(asked.ids))
    for table in blocks(_labels(spec, first, until, store)):
        places = pc.index_in(table["prediction_id"], value_set=asked.ids).combine_chunks()
        mine = table.filter(places.is_valid())
        came = mine["received_at"].cast(pa.int64()).to_numpy()
        newest.take(places.drop_null().to_numpy().astype(np.int64), came, _is_word(mine), truth(spec, mine))
    return Feedback(newest.target, newest.first, newest.unusable)


def _labels(spec: ModelSpec, first: date, until: date, store: Store) -> Iterator[pa.Table]:
    for number in range((until - first).days + 1):
        files = recorded.label_files(spec, (first + timedelta(days=number)).isoformat(), store)
        yield from (pa.Table.from_batches([piece]) for piece in recorded.read(files, LABEL, store))


def _is_word(labels: pa.Table) -> npt.NDArray[np.bool_]:
    """Whether something is said, and not an earlier label taken back."""
    said = pc.or_(labels["label"].is_valid(), labels["label_class"].is_valid())
    return np.asarray(said.to_numpy(), dtype=np.bool_)


def truth(spec: ModelSpec, labels: pa.Table) -> Floats:
    """The target that each label stands for, as `target_vector` has it; NaN where it stands for none."""
    numbers = labels["label"].cast(pa.float64())
    if spec.task == "multiclass":
        whole = pc.if_else(pc.equal(numbers, pc.floor(numbers)), numbers, None).cast(pa.int64()).cast(pa.string())
        names = pc.coalesce(labels["label_class"].cast(pa.string()), whole)
        return _floats(pc.index_in(names, value_set=pa.array(spec.target.classes)))
    values = _floats(numbers)
    if spec.target.above is not None:
        return np.where(np.isnan(values), np.nan, (values > spec.target.above).astype(np.float64))
    return np.where(np.isin(values, [0, 1]), values, np.nan) if spec.task == "binary" else values


def _floats(column: pa.ChunkedArray) -> Floats:
    return np.asarray(pc.fill_null(column.cast(pa.float64()), float("nan")).to_numpy(), dtype=np.float64)


class _Newest:
    """The newest label of each answer so far."""

    def __init__(self, answers: int) -> None:
        self.target, self.first = np.full(answers, np.nan), np.full(answers, NEVER)
        self.unusable = 0
        self._at = np.full(answers, -1)

    def take(self, places: Days, came: Days, is_word: npt.NDArray[np.bool_], target: Floats) -> None:
        usable = ~np.isnan(target)
        self.unusable += int((is_word & ~usable).sum())
        np.minimum.at(self.first, places[usable], came[usable] // DAY)
        order = np.argsort(came, kind="stable")
        order = order[came[order] >= self._at[places[order]]]
        self._at[places[order]], self.target[places[order]] = came[order], target[order]  # of equal places the last


def arrivals(days: Sequence[date], asked: Answers, found: Feedback, until: date) -> dict[date, list[Arrival]]:
    """How the labels of each day came: so many on the day itself, and on each day later on which some did."""
    codes = asked.rows.days.codes
    return {day: _came(day, found.first[codes == code], until) for code, day in enumerate(days)}


def _came(day: date, first: Days, until: date) -> list[Arrival]:
    own, last = (day - EPOCH).days, (until - EPOCH).days
    moments = [own, *(int(one) for one in np.unique(first) if own < one <= last)]
    return [
        Arrival(day, EPOCH + timedelta(days=one), len(first), int(np.count_nonzero(first <= one))) for one in moments
    ]
