"""Rows to compare a computation with its pipeline on, and what the pipeline refuses."""

import logging
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import pyarrow as pa
from sklearn.pipeline import Pipeline

from include.errors import PerennialError
from include.evaluation import reference
from include.features.matrix import Floats, feature_frame
from include.lake.store import Store
from include.serving.compiling import thresholds
from include.serving.plan import Computation, Sample, Value
from include.settings import settings
from include.spec import ModelSpec
from include.training.predictions import predict

log = logging.getLogger(__name__)
KEPT, MADE = 256, 768  # rows of the training window, and rows made to hit what trees turn at
UNSEEN = "\x00 no such word"
Rows = list[list[Value]]
Pools = list[list[Value]]


@dataclass(frozen=True)
class Probe:
    """What the pipeline says of the samples, for which features it raises on a missing value, and on unseen words."""

    samples: list[Sample]
    refuses_missing: list[str]
    known_words: dict[str, list[str]]

    @classmethod
    def of(cls, spec: ModelSpec, run_id: str, pipeline: Pipeline, made: Computation | None) -> Self:
        """Asks the pipeline; the rows are the same whenever the same version is asked."""
        kept, names = _kept(spec, run_id), spec.features.names
        pools = _pools(spec, made, kept)
        plain = kept[0] if kept else [next((one for one in pool if not _missing(one)), None) for pool in pools]
        missing = [name for place, name in enumerate(names) if _raises(spec, pipeline, plain, place, _none(spec, name))]
        closed = [name for name in spec.features.categorical
                  if _raises(spec, pipeline, plain, names.index(name), UNSEEN)]  # fmt: skip
        for place, name in enumerate(names):
            refused = {UNSEEN} if name in closed else set()
            pools[place] = [
                one for one in pools[place] if one not in refused and not (_missing(one) and name in missing)
            ]
        rows = [row for row in [*kept, *_made(pools)] if not any(_missing(row[names.index(name)]) for name in missing)]
        known = {name: [str(one) for one in pools[names.index(name)] if one is not None] for name in closed}
        return cls(
            [Sample(row, said) for row, said in zip(rows, ask(spec, pipeline, rows), strict=True)], missing, known
        )


def ask(spec: ModelSpec, pipeline: Pipeline, rows: Rows) -> list[list[float]]:
    """What the pipeline says of each row, as a list of one number, or of one probability per class."""
    said: Floats = predict(spec, pipeline, feature_frame(_table(spec, rows), spec))
    return [[float(one) for one in np.atleast_1d(row)] for row in said]


def _table(spec: ModelSpec, rows: Rows) -> pa.Table:
    kinds = {name: pa.string() if name in spec.features.categorical else pa.float64() for name in spec.features.names}
    columns = zip(*rows, strict=True)
    return pa.table({name: pa.array(column, kinds[name]) for name, column in zip(kinds, columns, strict=True)})


def _kept(spec: ModelSpec, run_id: str) -> Rows:
    """Rows of the version's training window; none where they cannot be read, for the made ones say more."""
    try:
        sample = reference.load_sample(spec.name, run_id, Store.open(settings().lake))
    except PerennialError as problem:
        log.warning("%s: compared on made rows alone: %s", spec.name, problem)
        return []
    words = set(spec.features.categorical)
    columns = [
        [None if one is None else str(one) for one in sample[name].to_pylist()] if name in words
        else [math.nan if one is None else float(one) for one in sample[name].to_pylist()]
        for name in spec.features.names
    ]  # fmt: skip
    every = list(zip(*columns, strict=True))
    return [list(row) for row in every[:: max(1, len(every) // KEPT)][:KEPT]]


def _pools(spec: ModelSpec, made: Computation | None, kept: Rows) -> Pools:
    """For each feature the values to make rows of: limits and their neighbours, categories, and what is missing."""
    limits = thresholds(made) if made else {}
    known: Mapping[int, set[str]] = {}
    if made:
        known = {column.source: set() for column in made.columns}
        for column in made.columns:
            known[column.source] |= set(column.words or ())
    pools: Pools = []
    for place, name in enumerate(spec.features.names):
        seen = {row[place] for row in kept if not _missing(row[place])}
        if name in spec.features.categorical:
            pools.append([*sorted({*map(str, seen), *known.get(place, ())}), UNSEEN, None])
        else:
            pools.append([*_around(limits.get(place, [])), *sorted(map(float, seen))[:50], 0.0, 1e6, -1e6, math.nan])  # type: ignore[arg-type]
    return pools


def _around(limits: Sequence[float]) -> list[float]:
    return [
        one for limit in limits for one in (limit, math.nextafter(limit, math.inf), math.nextafter(limit, -math.inf))
    ]


def _made(pools: Pools) -> Rows:
    """Seeded rows of values from the pools; the first ones show each value of each pool once, as far as they reach."""
    chance = random.Random(0)
    turns = [chance.sample(pool, len(pool)) for pool in pools]
    return [[turn[number] if number < len(turn) else chance.choice(turn) for turn in turns] for number in range(MADE)]


def _raises(spec: ModelSpec, pipeline: Pipeline, plain: list[Value], place: int, value: Value) -> bool:
    row = [*plain]
    row[place] = value
    try:
        ask(spec, pipeline, [row])
    except (ValueError, TypeError):
        return True
    return False


def _none(spec: ModelSpec, name: str) -> Value:
    return None if name in spec.features.categorical else math.nan


def _missing(value: Value) -> bool:
    return value is None or value != value  # noqa: PLR0124 - not a number
