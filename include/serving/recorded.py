"""The prediction log and the labels as the lake has them: how they are written, and how they are read again."""

import re
from collections.abc import Iterator, Sequence

import pyarrow as pa

from include.lake import layout
from include.lake.reading import batches
from include.lake.store import Store
from include.serving.feedback import LabelRecord
from include.serving.prediction_log import Record
from include.spec import ModelSpec

IN_A_TURN = ("champion", "challenger", "break_glass")  # a request that names its version is nobody's turn
LABEL = ("prediction_id", "received_at", "label", "label_class")
FAILED = re.compile(r"(?:^|; )v(\S+) ")
NUMBER, WORD = pa.float64(), pa.string()


def predictions(spec: ModelSpec, lines: Sequence[Record]) -> pa.Table:
    """Predictions as the lake has them: what identifies them, the features as served, the answers."""
    names = list(dict.fromkeys(name for one in lines for name in one.features))
    columns = {
        "prediction_id": pa.array([one.id for one in lines], WORD),
        "served_at": _moments([one.at for one in lines]),
        "request_id": pa.array([one.request for one in lines], WORD),
        "model_version": pa.array([one.version for one in lines], WORD),
        "slot": pa.array([one.slot for one in lines], WORD),
        "entity_hash": pa.array([one.entity for one in lines], WORD),
        "seconds": pa.array([one.seconds for one in lines], NUMBER),
        "error": pa.array([one.error for one in lines], WORD),
        **_answers(spec, "", [one.said for one in lines]),
        "shadow_version": pa.array([one.shadow and one.shadow.version for one in lines], WORD),
        "shadow_seconds": pa.array([one.shadow and one.shadow.seconds for one in lines], NUMBER),
        **_answers(spec, "shadow_", [one.shadow.said if one.shadow else [] for one in lines]),
    }
    words = {name for one in lines for name, cell in one.features.items() if isinstance(cell, str)}
    words |= set(spec.features.categorical)
    for name in names:
        cells = [one.features.get(name) for one in lines]
        columns[f"feature_{name}" if name in columns else name] = pa.array(cells, WORD if name in words else NUMBER)
    return pa.table(columns)


def _answers(spec: ModelSpec, prefix: str, said: Sequence[list[float]]) -> dict[str, pa.Array]:
    """`prediction`, and of several classes `probability_<class>`; null where nothing was said."""
    classes = spec.target.classes
    if not classes:
        return {f"{prefix}prediction": pa.array([one[0] if one else None for one in said], NUMBER)}
    likeliest = [classes[one.index(max(one))] if one else None for one in said]
    each = {
        f"{prefix}probability_{name}": pa.array([one[place] if one else None for one in said], NUMBER)
        for place, name in enumerate(classes)
    }
    return {f"{prefix}prediction": pa.array(likeliest, WORD), **each}


def labels(lines: Sequence[LabelRecord]) -> pa.Table:
    """Labels as the lake has them; a number is in `label`, a class in `label_class`."""
    return pa.table(
        {
            "prediction_id": pa.array([one.prediction_id for one in lines], WORD),
            "received_at": _moments([one.at for one in lines]),
            "label": pa.array([None if isinstance(one.label, str) else one.label for one in lines], NUMBER),
            "label_class": pa.array([one.label if isinstance(one.label, str) else None for one in lines], WORD),
        }
    )


def _moments(at: Sequence[float]) -> pa.Array:
    return pa.array([round(one * 1e6) for one in at], pa.int64()).cast(pa.timestamp("us", tz="UTC"))


def served_files(spec: ModelSpec, day: str, store: Store) -> list[str]:
    """The files of what was answered on a day, YYYY-MM-DD in UTC."""
    return _files(f"{layout.served_folder(spec.name)}/{day}", store)


def label_files(spec: ModelSpec, day: str, store: Store) -> list[str]:
    """The files of the labels that came on a day."""
    return _files(f"{layout.labels_folder(spec.name)}/{day}", store)


def read(paths: Sequence[str], columns: Sequence[str], store: Store) -> Iterator[pa.RecordBatch]:
    """The rows of files in pieces, each row once; a column that a file lacks has the type null."""
    for path in paths:
        yield from batches(store, path, columns)


def feature_columns(spec: ModelSpec) -> dict[str, str]:
    """Where each feature is: one that is called as a column of every record has a prefix."""
    taken = predictions(spec, ()).column_names
    return {name: f"feature_{name}" if name in taken else name for name in spec.features.names}


def answer_columns(classes: Sequence[str], prefix: str = "") -> list[str]:
    """Where the answer is, and of several classes each one's probability."""
    return [f"{prefix}prediction", *(f"{prefix}probability_{name}" for name in classes)]


def who_failed(error: str) -> list[str]:
    """The versions that failed, the one whose turn it was first; none where that one answered.

    Example: "v2 ValueError: no; v1 TimeoutError: no answer within 5 s" -> ["2", "1"]
    """
    return FAILED.findall(error) if error.startswith("v") else []


def _files(folder: str, store: Store) -> list[str]:
    return sorted(one.path for one in store.list(folder))
