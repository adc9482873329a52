"""Looks in the triggerer at one step of a rollout until it is decided."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

from airflow.triggers.base import BaseTrigger, TriggerEvent

from include.errors import NothingToDo, PerennialError

log = logging.getLogger(__name__)
POKE_SECONDS = 5.0


class RolloutStepTrigger(BaseTrigger):
    """Fires once, when the step is decided. A stop is carried out where it is seen, not when a worker is free."""

    def __init__(self, model: str, version: str, stage: str, share: str, poke_seconds: float = POKE_SECONDS) -> None:
        super().__init__()
        self.model = model
        self.version = version
        self.stage = stage
        self.share = share
        self.poke_seconds = poke_seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """The class path and arguments the triggerer makes it from."""
        arguments = {
            "model": self.model, "version": self.version, "stage": self.stage, "share": self.share,
            "poke_seconds": self.poke_seconds,
        }  # fmt: skip
        return "plugins.triggers.rollout.RolloutStepTrigger", arguments

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """One event; the task looks itself what was decided."""
        while await asyncio.to_thread(self._undecided):
            await asyncio.sleep(self.poke_seconds)
        yield TriggerEvent({"decided": True})

    def _undecided(self) -> bool:
        from include.steps import STEPS  # noqa: PLC0415 - heavy, and only the triggerer needs it

        given: dict[str, str | None] = {"version": self.version, "stage": self.stage, "share": self.share}
        try:
            found = STEPS["look-at-rollout"].run(self.model, given)
        except NothingToDo:
            return False
        except PerennialError as problem:
            log.error("The rollout of %s v%s cannot be looked at, waiting on: %s", self.model, self.version, problem)
            return True
        log.info("%s", found.sentence)
        return found.facts["decision"] == "wait"
