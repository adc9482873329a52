"""A worker's whole app in this process, with versions made by hand: no ledger, no registry, no socket."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from include.serving.app import rest
from include.serving.context import Worker
from include.serving.front import Front
from include.serving.keys import Keys
from include.serving.plan import Column, Computation, Linear, Plan, Sample
from include.serving.routing import Routing, Slot
from include.serving.state import State
from include.serving.version import Version, load
from include.spec import ContractSpec, ModelSpec
from tests.declared import spec

NAME = "trip_late"
SLOTS = {number: Slot(version=number, model_hash=number * 64) for number in "123"}


def plan(number: str = "1", says: float = 0.1, **changes: Any) -> Plan:
    """A plan that says the same of every row."""
    given: dict[str, Any] = {
        "model": NAME, "version": number, "model_hash": number * 64, "task": "binary", "features": ["bus", "line"],
        "words": ["line"], "float32": [], "classes": [], "refuses_missing": ["bus"], "known_words": {},
        "computation": Computation([Column(0)], Linear([says], [[0.0]]), "identity"), "reason": "", "difference": 0.0,
        "samples": [Sample([1.0, "red"], [says])],
    }  # fmt: skip
    return Plan(**{**given, **changes})


def version(number: str = "1", says: float = 0.1, contract: ContractSpec | None = None, **changes: Any) -> Version:
    """The same, loaded."""
    return load(plan(number, says, **changes), SLOTS[number], Path(), contract or spec().contract)


def answering(number: str, answer: Any) -> Version:
    """A version that answers each row with the function."""
    good = version(number)
    return Version(good.plan, good.slot, good.admission, answer, None, None)


def state(
    mode: Any = "champion", champion: Version | None = None, challenger: Version | None = None, **more: Any
) -> State:
    """What is served: version 1 unless another champion is given, a challenger if one is, and version 3 as fallback."""
    routing = Routing(
        model=NAME, sequence=1, mode=mode, champion=SLOTS["1"], challenger=challenger.slot if challenger else None,
        salt="s", **more,
    )  # fmt: skip
    return State(routing, champion or version("1"), challenger, version("3", 0.3))


class App:
    """Requests to a worker's app, a loop each; and what its log says."""

    def __init__(self, worker: Worker, keys: Keys) -> None:
        self.worker, self.home = worker, worker.home
        self.asgi: Any = Front(worker.desks, keys, rest(worker), "me")

    def post(self, path: str, content: bytes = b"", **headers: str) -> httpx.Response:
        """One request."""
        return self.ask("POST", path, content, headers)

    def ask(self, method: str, path: str, content: bytes, headers: dict[str, str]) -> httpx.Response:
        """One request of any method."""
        return asyncio.run(self._ask(method, path, content, headers))

    async def _ask(self, method: str, path: str, content: bytes, headers: dict[str, str]) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.asgi)
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            return await client.request(method, path, content=content, headers=headers)

    def invoke(self, *rows: dict[str, Any], version: str | None = None) -> httpx.Response:
        """Asks for predictions of these rows."""
        named = f"/versions/{version}" if version else ""
        return self.post(f"/v2/models/{NAME}{named}/invocations", json.dumps({"dataframe_records": rows}).encode())

    def records(self, kind: str = "log") -> list[dict[str, Any]]:
        """Every line of the log."""
        files = sorted((self.home / kind / NAME).iterdir())
        return [json.loads(line) for file in files for line in file.read_bytes().splitlines()]


@contextmanager
def app(home: Path, served: State | None = None, declared: ModelSpec | None = None, keys: Keys | None = None,
        ) -> Iterator[App]:  # fmt: skip
    """The app, until the block ends."""
    keys = keys or Keys(None)
    worker = Worker({NAME: declared or spec()}, home, keys, 60)
    served = served or state()
    worker.follower.states[NAME], worker.follower.routings[NAME] = served, served.routing
    try:
        yield App(worker, keys)
    finally:
        asyncio.run(worker.stop())
