"""A flood of requests that are each new in some way leaves nothing behind in the worker."""

import asyncio
import gc
import logging
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from include.serving.meters import Meters
from include.serving.prediction_log import PredictionLog
from include.serving.shadowing import MOST_WAITING, Case, Shadows
from tests.declared import contract, spec
from tests.served import NAME, App, app, state, version

GOOD = b'{"dataframe_records": [{"bus": 7, "line": "red"}]}'
FLOOD = 150


@pytest.fixture
def flooded(tmp_path: Path) -> Iterator[App]:
    logging.getLogger("include.serving.front").setLevel(logging.CRITICAL)
    free = spec(contract=contract(columns={"line": {"type": "string"}}))
    with app(tmp_path, state(champion=version(contract=free.contract)), free) as made:
        yield made
    logging.getLogger("include.serving.front").setLevel(logging.NOTSET)


async def ask(asked: App, path: str, body: bytes, word: str) -> None:
    """As uvicorn asks; a client of this process would keep things, too."""
    headers = [(b"x-request-id", word.encode()), (word[:20].encode(), word.encode())]
    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "headers": headers, "http_version": "1.1", "scheme": "http", "server": None, "client": None,
    }  # fmt: skip

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body}

    async def send(_: object) -> None:
        """Nobody listens."""

    await asked.asgi(scope, receive, send)


async def flood(asked: App, first: int) -> None:
    for number in range(first, first + FLOOD):
        word = f"{number}-" + "x" * 2000
        await ask(asked, "/invocations", GOOD.replace(b"red", word.encode()), word)
        for path in (f"/v2/models/{NAME}/versions/{word}/infer", f"/v2/models/{word}/infer", f"/{word}"):
            await ask(asked, path, GOOD, word)


def test_what_is_new_in_each_request_is_not_kept(flooded: App) -> None:
    asyncio.run(flood(flooded, 0))
    gc.collect()
    tracemalloc.start()
    try:
        asyncio.run(flood(flooded, FLOOD))
        gc.collect()
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert grown < FLOOD * 500  # a word of 2,000 characters kept at one in four requests would be four times as much


def test_a_shadow_that_is_too_slow_is_dropped_by_rows(tmp_path: Path) -> None:
    meters = Meters()
    book = PredictionLog(tmp_path, "me", "written", most_bytes=1 << 20, seconds=60)
    shadows, rows = Shadows(book, meters, 1.0), [(1.0, "red")] * (MOST_WAITING // 2)
    for _ in range(3):
        shadows.put(Case(version("2"), rows, [], None))
    assert meters.shadow_dropped == MOST_WAITING // 2
