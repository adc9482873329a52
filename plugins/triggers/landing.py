"""Watches a landing zone: one event for all partitions nobody has judged yet."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from typing import Any

from airflow.sdk import Asset, AssetWatcher
from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from include.errors import PerennialError
from include.spec import ContractSpec

log = logging.getLogger(__name__)
LISTED = 20  # keys named in an event; the ledger, not the event, decides what is admitted


class LandingTrigger(BaseEventTrigger):
    """Fires when partitions wait for a verdict, and again every `remind_seconds` while they still wait.

    It looks at the state of landing zone and ledger, not at changes, so a restart or a lost event loses nothing.
    """

    def __init__(self, dataset: str, poke_seconds: float = 2.0, remind_seconds: float = 300.0) -> None:
        super().__init__()
        self.dataset = dataset
        self.poke_seconds = poke_seconds
        self.remind_seconds = remind_seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """The class path and arguments the triggerer makes it from."""
        arguments = {
            "dataset": self.dataset, "poke_seconds": self.poke_seconds, "remind_seconds": self.remind_seconds,
        }  # fmt: skip
        return "plugins.triggers.landing.LandingTrigger", arguments

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Events that name the dataset, how many partitions wait and the first of them."""
        announced: set[str] = set()
        announced_at = 0.0
        while True:
            waiting = await asyncio.to_thread(self._waiting)
            reminded = time.monotonic() - announced_at >= self.remind_seconds
            if waiting and (reminded or not announced.issuperset(waiting)):  # fewer than before is no news
                yield TriggerEvent({"dataset": self.dataset, "waiting": len(waiting), "first": waiting[:LISTED]})
                announced_at = time.monotonic()
            announced = set(waiting)
            await asyncio.sleep(self.poke_seconds)

    def _waiting(self) -> list[str]:
        from include.contract.admission import find  # noqa: PLC0415 - heavy, and only the triggerer needs it
        from include.spec import load_contract  # noqa: PLC0415
        from include.steps.place import lake, ledger  # noqa: PLC0415

        try:
            return find(load_contract(self.dataset), lake(), ledger())
        except PerennialError as problem:
            log.error("Landing zone of %s cannot be watched: %s", self.dataset, problem)
            return []


def landing_asset(contract: ContractSpec) -> Asset:
    """The dataset's landing zone as an asset whose events come from the watcher."""
    watcher = AssetWatcher(name=f"{contract.dataset}_landing_watcher", trigger=LandingTrigger(contract.dataset))
    return Asset(f"{contract.dataset}_landing", watchers=[watcher])
