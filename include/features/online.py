"""Window features of rows that are asked for now, from the online store, by the code that made them for training."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from include.errors import NotFound
from include.features.changes import moments_of
from include.features.clock import Clock
from include.features.entities import Entities
from include.features.feast_store import FeatureRepository
from include.features.state import PARTS, Windows, column, definitions, timeline, views
from include.features.timeline import Floats
from include.features.windows import window_values
from include.spec import ContractSpec, WindowFeature
from include.spec.windows import microseconds

_LISTS = pa.list_(pa.int64())


@dataclass(frozen=True)
class Served:
    """Each feature of each row, NaN where there is none; `covered` says which rows the store could answer for."""

    values: dict[str, Floats]
    covered: dict[str, npt.NDArray[np.bool_]]


def serve(windows: Windows, contract: ContractSpec, rows: pa.Table, repository: FeatureRepository) -> Served:
    """The window features of rows with entity and event time. NotFound where nothing fitting was materialised.

    A row the store cannot answer for has no value: what it would look at has not been materialised, or no longer is.
    """
    clock = Clock.read(contract, repository)
    if clock is None or clock.definitions != definitions(windows):
        found = "nothing" if clock is None else "the window features of another features.yaml"
        raise NotFound(
            f"The online store holds {found} of {contract.dataset}. Run materialise_features_{contract.dataset} "
            "in Airflow, or `python -m include materialise-features`."
        )
    values: dict[str, Floats] = {}
    covered: dict[str, npt.NDArray[np.bool_]] = {}
    for by, members in views(windows):
        known = _states(by, members, rows, repository)
        for name, feature in members.items():
            covered[name] = _covered(feature, contract, rows, clock)
            told = window_values(feature, contract, timeline(name, known, by), rows)
            values[name] = np.where(covered[name], told, np.nan)
    return Served(values, covered)


def _states(by: tuple[str, ...], windows: Windows, rows: pa.Table, repository: FeatureRepository) -> pa.Table:
    """What the store holds of the entities of these rows; of one that it does not know an empty window."""
    asked = rows.select(list(by)).drop_null()
    fields = [column(name, part) for name in windows for part in PARTS]
    entities = Entities.of(asked)[0].table()
    if not len(entities):
        return pa.table({**{name: entities[name] for name in by}, **{field: pa.array([], _LISTS) for field in fields}})
    found = repository.read(by, entities, fields)
    lists = {field: pa.array([one or [] for one in found[field].to_pylist()], _LISTS) for field in fields}
    return pa.table({**{name: entities[name] for name in by}, **lists})


def _covered(feature: WindowFeature, contract: ContractSpec, rows: pa.Table, clock: Clock) -> npt.NDArray[np.bool_]:
    step = microseconds(feature.step)
    moments, there = moments_of(rows[contract.event_time], step)
    return there & (moments * step >= clock.since) & (moments * step <= clock.until(feature))
