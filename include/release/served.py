"""The prediction log as a verdict needs it: who answered what in which time, who failed, and what came true since.

Records that are not in the lake yet lie in the service's home on this machine; both are read, and the same prediction
counts once. A file in the lake never changes and is read once per process.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from include.lake import layout
from include.lake.store import Store
from include.serving.recorded import IN_A_TURN, LABEL, answer_columns, read, who_failed
from include.spec import ModelSpec

KEPT_FILES = 512  # segments of the lake that a process remembers
WHO = ("prediction_id", "served_at", "model_version", "slot", "seconds", "error", "shadow_version", "shadow_seconds")


class Said(NamedTuple):
    """What one version made of one request: its answer, or None where it failed."""

    version: str
    answer: float | None
    seconds: float
    class_probabilities: tuple[float, ...] = ()


class Served(NamedTuple):
    """One prediction. `shadow` is what the version beside it said of the same request."""

    id: str
    at: float
    said: Said
    shadow: Said | None
    label: float | str | None = None


def served(spec: ModelSpec, since: datetime, store: Store, home: Path) -> list[Served]:
    """The predictions in turn since then, with their labels as far as they came."""
    first = since.astimezone(UTC).date().isoformat()
    found = {one.id: one for one in _local(spec, home)}
    for path in paths(store, layout.served_folder(spec.name), first):
        found |= {one.id: one for one in _stored(store.uri, path, spec.target.classes)}
    labels = dict(_labels(spec, first, store, home))
    begun = since.timestamp()
    return [one._replace(label=labels.get(one.id)) for one in found.values() if one.at >= begun]


def paths(store: Store, folder: str, first_day: str) -> list[str]:
    """The files of the days from the first on, the newest last."""
    found = [one for one in store.list(folder) if one.path.removeprefix(f"{folder}/")[:10] >= first_day]
    return [one.path for one in sorted(found, key=lambda one: one.mtime_ns)]


@lru_cache(KEPT_FILES)
def _stored(lake: str, path: str, classes: tuple[str, ...]) -> tuple[Served, ...]:
    columns = (*WHO, *answer_columns(classes), *answer_columns(classes, "shadow_"))
    return tuple(_of_row(row, classes) for row in _rows(lake, path, columns) if row["slot"] in IN_A_TURN)


def _of_row(row: dict[str, Any], classes: tuple[str, ...]) -> Served:
    answer = _of_class(row["prediction"], classes)
    said = _turn(row["model_version"], answer, row["seconds"], row["error"], _probabilities(row, "", classes))
    shadow = None
    if row["shadow_version"] is not None:
        answer = _of_class(row["shadow_prediction"], classes)
        probabilities = _probabilities(row, "shadow_", classes)
        shadow = Said(row["shadow_version"], answer, row["shadow_seconds"], probabilities)
    return Served(row["prediction_id"], row["served_at"].timestamp(), said, shadow)


def _local(spec: ModelSpec, home: Path) -> Iterator[Served]:
    for line in lines(home / "log" / spec.name):
        if line["slot"] in IN_A_TURN:
            said = _turn(
                line["version"], _scalar(line["said"]), line["seconds"], line.get("error", ""), tuple(line["said"])
            )
            beside = line.get("shadow")
            shadow = beside and Said(
                beside["version"], _scalar(beside["said"]), beside["seconds"], tuple(beside["said"])
            )
            yield Served(line["id"], line["at"], said, shadow or None)


def _turn(version: str, answer: float | None, seconds: float, error: str, probabilities: tuple[float, ...]) -> Said:
    """Whose turn it was: where another version had to answer, the one that failed, which the error begins with."""
    failed = who_failed(error)
    return Said(failed[0], None, seconds) if failed else Said(version, answer, seconds, probabilities)


def _scalar(said: list[float]) -> float | None:
    """The answer as one number: of classes the place of the likeliest."""
    if not said:
        return None
    return said[0] if len(said) == 1 else float(said.index(max(said)))


def _of_class(answer: float | str | None, classes: tuple[str, ...]) -> float | None:
    return float(classes.index(answer)) if isinstance(answer, str) else answer


def _probabilities(row: dict[str, Any], prefix: str, classes: tuple[str, ...]) -> tuple[float, ...]:
    if not classes:
        return () if row[f"{prefix}prediction"] is None else (row[f"{prefix}prediction"],)
    return tuple(row[f"{prefix}probability_{name}"] or 0.0 for name in classes)


def _labels(spec: ModelSpec, first: str, store: Store, home: Path) -> Iterator[tuple[str, float | str]]:
    """Labels by prediction, the newest word on each last."""
    found = [(line["at"], line["prediction_id"], line["label"]) for line in lines(home / "labels" / spec.name)]
    for path in paths(store, layout.labels_folder(spec.name), first):
        found += _stored_labels(store.uri, path)
    for _, prediction, label in sorted(found, key=lambda one: one[0]):
        if label is not None:
            yield prediction, label


@lru_cache(KEPT_FILES)
def _stored_labels(lake: str, path: str) -> tuple[tuple[float, str, float | str | None], ...]:
    return tuple(
        (row["received_at"].timestamp(), row["prediction_id"], row["label_class"] or row["label"])
        for row in _rows(lake, path, LABEL)
    )


def _rows(lake: str, path: str, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    for piece in read([path], columns, Store.open(lake)):
        yield from piece.to_pylist()


def lines(folder: Path) -> Iterator[dict[str, Any]]:
    """The lines of segments that are not in the lake yet; one that is being rolled just now is there already."""
    for file in sorted(folder.glob("*.*")):
        try:
            content = file.read_bytes()
        except FileNotFoundError:
            continue
        for text in content.splitlines():
            try:
                yield json.loads(text)
            except ValueError:  # the last line of a process that was killed
                continue
