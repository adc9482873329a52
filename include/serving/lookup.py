"""Window features of a request, from the online store: the stage `features` of a prediction."""

from __future__ import annotations

import asyncio
import logging
import math
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from include.errors import PerennialError
from include.serving.admission import Columns
from include.serving.cells import Cells
from include.serving.meters import Meters
from include.serving.wire import Question
from include.spec import ModelSpec

if TYPE_CHECKING:
    import pyarrow as pa

    from include.features.feast_store import FeatureRepository

log = logging.getLogger(__name__)
_ARROW = {"string": "string", "int": "int64"}


class Lookup:
    """Adds what a request did not bring. The store is asked in a thread; what it cannot say is null, and counted."""

    def __init__(self, spec: ModelSpec, meters: Meters) -> None:
        self._spec, self._meters = spec, meters
        self._thread = ThreadPoolExecutor(1, f"{spec.name}-features")
        self._repository: FeatureRepository | None = None

    def warm(self) -> None:
        """Imports the feature store's libraries and reads its registry."""
        self._thread.submit(self._open).result()

    async def fill(self, asked: Question) -> Question:
        """The question with a column for every window feature of the model. TimeoutError where the store is slow."""
        wanted = [name for name in self._spec.windows if name not in asked.columns]
        if not wanted:
            return asked
        looking = asyncio.get_running_loop().run_in_executor(self._thread, self._found, asked, wanted)
        found = await asyncio.wait_for(looking, self._spec.serving.most_seconds)
        return msgspec.structs.replace(asked, columns={**asked.columns, **found})

    def _found(self, asked: Question, wanted: list[str]) -> Columns:
        from include.features.online import serve  # noqa: PLC0415 - Feast, for models with window features alone

        try:
            served = serve(self._spec.windows, self._spec.contract, self._rows(asked), self._open())
        except (PerennialError, KeyError, ValueError, TypeError) as problem:
            log.warning("%s: window features are null: %s", self._spec.name, problem)
            self._meters.features_missing += asked.rows
            return {name: [None] * asked.rows for name in wanted}
        self._meters.features_missing += int(sum((~covered).sum() for covered in served.covered.values()))
        return {name: [None if math.isnan(one) else float(one) for one in served.values[name]] for name in wanted}

    def _rows(self, asked: Question) -> pa.Table:
        """Entities and event times as Arrow; a request without an event time asks for now."""
        import pyarrow as pa  # noqa: PLC0415 - Arrow, for models with window features alone

        contract = self._spec.contract
        entities = {name for one in self._spec.windows.values() for name in one.by}
        columns = {name: pa.array(asked.columns[name], _ARROW[contract.columns[name].type]) for name in entities}
        moments: Cells = asked.columns.get(contract.event_time) or [datetime.now(UTC).isoformat()] * asked.rows
        at = pa.array(
            [datetime.fromisoformat(str(one)).astimezone(UTC) for one in moments], pa.timestamp("us", tz="UTC")
        )
        return pa.table({**columns, contract.event_time: at})

    def _open(self) -> FeatureRepository:
        if self._repository is None:
            from include.features.feast_store import FeatureRepository  # noqa: PLC0415
            from include.lake.store import Store  # noqa: PLC0415
            from include.settings import settings  # noqa: PLC0415

            self._repository = FeatureRepository(self._spec.contract, self._spec.windows, Store.open(settings().lake))
        return self._repository
