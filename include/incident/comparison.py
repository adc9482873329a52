"""The version that was sent away against the one that serves again, on the same recent rows."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from include.features.matrix import Floats
from include.features.reading import read_targets
from include.features.windows import features_of
from include.lake.reading import masks
from include.lake.store import Store
from include.ledger import Ledger
from include.monitoring.references import scored
from include.registry import registry, runs
from include.spec import ModelSpec
from include.spec.frozen import Measured
from include.training.predictions import predict

ROWS, WINDOW = 1000, 7  # rows that are asked about, of so many of the newest scored partitions
BINS = 20


class Weight(Measured):
    """How much a feature moves the answers: the mean change when its values are shuffled, for both versions."""

    feature: str
    before: float | None
    after: float | None


class Answered(Measured):
    """How many rows got this answer, from its value up to the next one's, or this class."""

    name: str
    before: int
    after: int


class Comparison(Measured):
    """Both versions on the same rows; the mean error is of rows whose label is known, None where there is none.

    Of several classes there is no mean answer.
    """

    first: str
    last: str
    rows: int
    labelled: int
    mean_before: float | None
    mean_after: float | None
    mean_difference: float
    error_before: float | None
    error_after: float | None
    answers: tuple[Answered, ...]
    weights: tuple[Weight, ...]


def compare(spec: ModelSpec, before: str, after: str, store: Store, ledger: Ledger) -> Comparison | None:
    """`before` was sent away, `after` serves again. None where nothing was scored yet."""
    predictions = ledger.predictions(spec.name)[-WINDOW:]
    if not predictions:
        return None
    snapshot, random = scored(spec, predictions, ledger), np.random.default_rng(0)
    kept = masks(snapshot.entries, random.choice(snapshot.rows, min(ROWS, snapshot.rows), replace=False))
    truth = np.concatenate(
        [part[mask] for part, mask in zip(read_targets(spec, snapshot.entries, store), kept, strict=True)]
    )
    said: dict[str, Floats] = {}
    weights: dict[str, dict[str, float]] = {}
    for number in (before, after):
        asked, pipeline = _loaded(spec, number)
        rows = features_of(asked, snapshot, kept, store)
        said[number] = predict(asked, pipeline, rows)
        weights[number] = _weights(asked, pipeline, rows, said[number])
    return _compared(spec, (predictions[0].key, predictions[-1].key), (before, after), said, truth, weights)


def _compared(
    spec: ModelSpec, window: tuple[str, str], versions: tuple[str, str], said: Mapping[str, Floats], truth: Floats,
    weights: Mapping[str, Mapping[str, float]],
) -> Comparison:  # fmt: skip
    old, new = (said[number] for number in versions)
    names = dict.fromkeys([*weights[versions[0]], *weights[versions[1]]])
    found = [
        Weight(feature=name, before=weights[versions[0]].get(name), after=weights[versions[1]].get(name))
        for name in names
    ]
    return Comparison(
        first=window[0], last=window[1], rows=len(old), labelled=int((~np.isnan(truth)).sum()),
        mean_before=_mean(spec, old), mean_after=_mean(spec, new),
        mean_difference=float(np.abs(old - new).mean()),
        error_before=_error(spec, old, truth), error_after=_error(spec, new, truth), answers=_answers(spec, old, new),
        weights=tuple(sorted(found, key=lambda one: -abs((one.before or 0) - (one.after or 0)))),
    )  # fmt: skip


def _loaded(spec: ModelSpec, number: str) -> tuple[ModelSpec, Pipeline]:
    """The version with the features and the target it was trained for."""
    wanted = registry.version(spec.name, number)
    made = runs.manifest(wanted.run_id)
    asked = spec.model_copy(update={"task": made.task, "target": made.target, "features": made.features})
    return asked, registry.load(wanted)


def _mean(spec: ModelSpec, said: Floats) -> float | None:
    return None if spec.task == "multiclass" else float(said.mean())


def _answers(spec: ModelSpec, old: Floats, new: Floats) -> tuple[Answered, ...]:
    """How often each class is the likeliest; of numbers how many lie in each of some equal parts of their reach."""
    if spec.task == "multiclass":
        names = list(spec.target.classes)
        counts = [np.bincount(one.argmax(axis=1), minlength=len(names)) for one in (old, new)]
    else:
        edges = np.histogram_bin_edges(np.concatenate([old, new]), BINS)
        names = [f"{edge:.3g}" for edge in edges[:-1]]
        counts = [np.histogram(one, edges)[0] for one in (old, new)]
    return tuple(Answered(name=name, before=int(a), after=int(b)) for name, a, b in zip(names, *counts, strict=True))


def _error(spec: ModelSpec, said: Floats, truth: Floats) -> float | None:
    """The mean absolute error; of several classes, the part of rows whose likeliest class is wrong."""
    known = ~np.isnan(truth)
    if not known.any():
        return None
    if spec.task == "multiclass":
        return float((said[known].argmax(axis=1) != truth[known]).mean())
    return float(np.abs(said[known] - truth[known]).mean())


def _weights(spec: ModelSpec, pipeline: Pipeline, rows: pd.DataFrame, said: Floats) -> dict[str, float]:
    random, found = np.random.default_rng(0), {}
    for name in rows.columns:
        shuffled = rows.assign(**{name: random.permutation(rows[name].to_numpy())})
        found[str(name)] = float(np.abs(predict(spec, pipeline, shuffled) - said).mean())
    return found
