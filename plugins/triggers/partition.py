"""Waits in the triggerer until a partition has its verdict."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from typing import Any

from airflow.triggers.base import BaseTrigger, TriggerEvent

from include.errors import PerennialError

log = logging.getLogger(__name__)


class PartitionJudgedTrigger(BaseTrigger):
    """Fires once: when the partition is admitted or quarantined, or when the deadline (epoch seconds) has passed."""

    def __init__(self, dataset: str, key: str, deadline: float, poke_seconds: float = 10.0) -> None:
        super().__init__()
        self.dataset = dataset
        self.key = key
        self.deadline = deadline
        self.poke_seconds = poke_seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """The class path and arguments the triggerer makes it from."""
        arguments = {
            "dataset": self.dataset, "key": self.key, "deadline": self.deadline, "poke_seconds": self.poke_seconds,
        }  # fmt: skip
        return "plugins.triggers.partition.PartitionJudgedTrigger", arguments

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """One event that says whether the verdict came."""
        while not (judged := await asyncio.to_thread(self._judged)) and time.time() < self.deadline:
            await asyncio.sleep(self.poke_seconds)
        yield TriggerEvent({"judged": judged})

    def _judged(self) -> bool:
        try:
            return is_judged(self.dataset, self.key)
        except PerennialError as problem:
            log.error("Partition %s of %s cannot be looked up, waiting on: %s", self.key, self.dataset, problem)
            return False


def is_judged(dataset: str, key: str) -> bool:
    """Whether the ledger has a verdict on any landing of the partition."""
    from include.steps.place import ledger  # noqa: PLC0415 - SQL is not imported while Dags are parsed

    return bool(ledger().partitions(dataset, key))
