"""A worker follows the ledger: it loads what the routing names beside what it serves, and then changes over."""

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path

from include.errors import BadData, PerennialError
from include.ledger import Ledger, Replica
from include.serving.prepared import folder_of, prepared
from include.serving.routed import routing
from include.serving.routing import Routing, Slot
from include.serving.state import State, settled
from include.serving.version import Version, check_windows, load
from include.spec import ModelSpec

log = logging.getLogger(__name__)
POLL_SECONDS = 0.5
RETRY_SECONDS = 10.0


class Follower:
    """The states of all models, renewed twice a second. A state is one reference: changing it is atomic."""

    def __init__(
        self,
        specs: dict[str, ModelSpec],
        ledger: Callable[[], Ledger],
        home: Path,
        replica: str,
        warm: Callable[[str], None],
    ) -> None:
        self.states: dict[str, State] = {}
        self.routings: dict[str, Routing] = {}
        self.problems: dict[str, dict[Slot, str]] = {name: {} for name in specs}
        self.read_at = 0.0
        self._specs, self._open, self._home, self._replica = specs, ledger, home, replica
        self._warm = warm
        self._ledger: Ledger | None = None
        self._change: object = None
        self._loaded: dict[str, dict[Slot, Version]] = {name: {} for name in specs}
        self._loading: dict[tuple[str, Slot], asyncio.Task[None]] = {}
        self._retry_at: dict[tuple[str, Slot], float] = {}
        self._said: dict[str, tuple[int, str | None]] = {}

    async def run(self) -> None:
        """Follows until it is cancelled. What goes wrong is logged, and tried again."""
        while True:
            try:
                await self.follow()
            except PerennialError as problem:
                log.warning("The ledger cannot be followed: %s", problem)
            except Exception:
                log.exception("Following the ledger failed")
            await asyncio.sleep(POLL_SECONDS)

    async def follow(self) -> None:
        """One look at the ledger, and what follows of it."""
        found = await asyncio.to_thread(self._read)
        self.read_at = time.time()
        if found is not None:
            self.routings = found
            self._retry_at.clear()
        for model, now in self.routings.items():
            self._load_named(model, now)
            await self._settle(model)

    def settle_all(self) -> None:
        """The states as what is loaded allows."""
        for model, now in self.routings.items():
            state = settled(self.states.get(model), now, self._loaded[model])
            if state is not None and state != self.states.get(model):
                self.states[model] = state
                log.info(
                    "%s: routing %d, mode %s, champion v%s, challenger v%s", model, now.sequence, now.mode,
                    now.champion and now.champion.version, now.challenger and now.challenger.version,
                )  # fmt: skip

    async def leave(self) -> None:
        """Says in the ledger that this replica serves nothing any more."""
        for task in self._loading.values():
            task.cancel()
        for model in self._said:
            await self._tell(model, self.states[model].routing.sequence, None)

    def _read(self) -> dict[str, Routing] | None:
        """The routings, None where nothing changed since the last look."""
        if self._ledger is None:
            self._ledger = self._open()
        change = self._ledger.newest_change()
        if change == self._change:
            return None
        found = {name: routing(name, self._ledger) for name in self._specs}
        self._change = change
        return {name: one for name, one in found.items() if one.sequence > 0}

    def _load_named(self, model: str, now: Routing) -> None:
        """Begins to load what is named and is not there; forgets what is not named any more."""
        named = [slot for slot in (now.champion, now.challenger, now.fallback) if slot is not None]
        serving = self.states.get(model)
        kept = {one.slot for one in (serving.champion, serving.challenger) if one} if serving else set()
        for slot in [one for one in self._loaded[model] if one not in named and one not in kept]:
            del self._loaded[model][slot]
        for slot in named:
            key = (model, slot)
            if slot not in self._loaded[model] and key not in self._loading and self._due(key):
                self._loading[key] = asyncio.create_task(self._load(model, slot))

    def _due(self, key: tuple[str, Slot]) -> bool:
        return time.monotonic() >= self._retry_at.get(key, 0.0)

    async def _load(self, model: str, slot: Slot) -> None:
        """Prepares and loads one version; a bad one is not tried again until a routing names it anew."""
        try:
            plan = await prepared(self._home, model, slot)
            check_windows(plan, self._specs[model])
            folder = folder_of(self._home, model, slot)
            version = await asyncio.to_thread(load, plan, slot, folder, self._specs[model].contract)
            await asyncio.to_thread(self._warm, model)
        except PerennialError as problem:
            log.error("%s v%s is not loaded: %s", model, slot.version, problem)
            self._put_off(model, slot, problem, float("inf") if isinstance(problem, BadData) else RETRY_SECONDS)
        except Exception as problem:
            log.exception("%s v%s is not loaded", model, slot.version)
            self._put_off(model, slot, problem, RETRY_SECONDS)
        else:
            self.problems[model].pop(slot, None)
            self._loaded[model][slot] = version
            how = "compiled" if version.answer else f"the pipeline itself answers ({plan.reason})"
            log.info("%s v%s is loaded and tested: %s", model, slot.version, how)
            self.settle_all()
        finally:
            self._loading.pop((model, slot), None)

    def _put_off(self, model: str, slot: Slot, problem: Exception, seconds: float) -> None:
        self.problems[model][slot] = str(problem) or type(problem).__name__
        self._retry_at[model, slot] = time.monotonic() + seconds

    async def _settle(self, model: str) -> None:
        self.settle_all()
        state = self.states.get(model)
        if state is not None and state.follows:
            version = state.champion.plan.version if state.champion else None
            await self._tell(model, state.routing.sequence, version)

    async def _tell(self, model: str, sequence: int, version: str | None) -> None:
        """Records once what this replica serves from now on."""
        if self._said.get(model) == (sequence, version) or self._ledger is None:
            return
        word = Replica(replica=self._replica, model=model, sequence=sequence, version=version)
        await asyncio.to_thread(self._ledger.record_replica, word)
        self._said[model] = (sequence, version)
