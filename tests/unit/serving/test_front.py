"""What comes in from outside: keys, limits, and bodies of any kind are answered, and never with a trace."""

import asyncio
import json
import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from include.serving.bodies import MOST_BYTES
from include.serving.desk import Desk
from include.serving.follower import Follower
from include.serving.front import Front
from include.serving.keys import Key, Keys, made
from include.serving.meters import Meters
from include.serving.plan import Column, Computation, Linear, Plan, Sample
from include.serving.prediction_log import PredictionLog
from include.serving.routing import Routing, Slot
from include.serving.state import State
from include.serving.version import load
from tests.declared import spec

SLOT = Slot(version="1", model_hash="1" * 64)
GOOD = {"dataframe_records": [{"bus": 1, "line": "red"}]}
PATH = "/v2/models/trip_late/invocations"


async def nowhere(scope: Any, receive: Any, send: Any) -> None:
    """Stands where FastAPI is."""
    await send({"type": "http.response.start", "status": 418, "headers": []})
    await send({"type": "http.response.body", "body": b""})


class Asking:
    """Requests to a front, one loop each."""

    def __init__(self, folder: Path, keys: Keys) -> None:
        self._folder, self._keys = folder, keys

    def post(self, content: bytes | None = None, path: str = PATH, **more: Any) -> httpx.Response:
        return asyncio.run(self._post(json.dumps(GOOD).encode() if content is None else content, path, **more))

    async def _post(
        self, content: bytes, path: str, headers: Mapping[str, str] = {}, method: str = "POST"
    ) -> httpx.Response:
        book = PredictionLog(self._folder, "me", "written", most_bytes=1 << 20, seconds=60)
        try:
            transport = httpx.ASGITransport(app=Front({"trip_late": self._desk(book)}, self._keys, nowhere, "me"))
            async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
                return await client.request(method, path, content=content, headers=headers)
        finally:
            await book.close()

    def _desk(self, book: PredictionLog) -> Desk:
        declared = spec(serving={"most_rows": 3})
        computation = Computation([Column(0)], Linear([0.1], [[0.0]]), "identity")
        plan = Plan(
            model="trip_late", version="1", model_hash=SLOT.model_hash, task="binary", features=["bus", "line"],
            words=["line"], float32=[], classes=[], refuses_missing=["bus"], known_words={}, computation=computation,
            reason="", difference=0.0, samples=[Sample([1.0, "red"], [0.1])],
        )  # fmt: skip
        follower = Follower({"trip_late": declared}, lambda: pytest.fail("no ledger"), self._folder, "me", str)
        routing = Routing(model="trip_late", sequence=1, champion=SLOT)
        follower.states["trip_late"] = State(routing, load(plan, SLOT, self._folder, declared.contract))
        return Desk(declared, follower, book, Meters(), "me")


@pytest.fixture
def asking(tmp_path: Path) -> Asking:
    return Asking(tmp_path, Keys(None))


@pytest.mark.parametrize("place", ["authorization", "x-api-key"])
def test_a_key_is_asked_for_where_there_are_keys(tmp_path: Path, place: str) -> None:
    mine, key = made("me", ["trip_late"])
    other, foreign = made("other", ["flight_delay"])
    asking = Asking(tmp_path, Keys((key, foreign)))

    def sent(shown: str) -> int:
        return asking.post(headers={place: f"Bearer {shown}" if place == "authorization" else shown}).status_code

    assert (sent(mine), sent(other), sent("nobody's"), asking.post().status_code) == (200, 403, 401, 401)


def test_limits_of_method_bytes_and_rows_are_named(asking: Asking) -> None:
    assert asking.post(method="GET").status_code == 405
    long = asking.post(b" " * (MOST_BYTES + 1))
    assert (long.status_code, str(MOST_BYTES) in long.json()["error"]) == (413, True)
    rows = asking.post(json.dumps({"dataframe_records": GOOD["dataframe_records"] * 4}).encode())
    assert (rows.status_code, rows.json()["error"]) == (413, "4 rows; 1 to 3 go")
    assert asking.post(json.dumps({"dataframe_records": GOOD["dataframe_records"] * 3}).encode()).status_code == 200


@pytest.mark.parametrize("path", ["/", "/v2", "/v2/models/trip_late", "/v2/models/nobody/infer", "/nothing"])
def test_what_is_not_hot_goes_on(asking: Asking, path: str) -> None:
    assert asking.post(path=path).status_code == 418


def test_csv_is_read_as_mlflow_reads_it(asking: Asking) -> None:
    answer = asking.post(b"bus,line\n1,red\n2,blue\n", headers={"content-type": "text/csv"})
    assert answer.json()["predictions"] == [0.1, 0.1]
    assert asking.post(b"bus,line\n1\n", headers={"content-type": "text/csv"}).status_code == 400


@pytest.mark.parametrize("form", ["infer", "invocations"])
def test_no_body_makes_the_service_fail(asking: Asking, form: str) -> None:
    statuses = {asking.post(body, path=f"/v2/models/trip_late/{form}").status_code for body in bodies()}
    assert statuses <= {200, 400, 413, 422}
    assert {400, 422} <= statuses


def bodies() -> Iterator[bytes]:
    """Good requests with something broken in them, and things that never were one."""
    chance = random.Random(0)
    good = [GOOD, {"inputs": {"bus": [1], "line": ["red"]}}, {"dataframe_split": {"columns": ["bus"], "data": [[1]]}}]
    good.append({"inputs": [{"name": name, "shape": [1], "datatype": "FP64", "data": [1]} for name in ("bus", "line")]})
    odd = [None, True, -1, 1e308, 2**70, "", "\x00", [], {}, [[1]], {"bus": {}}, "é" * 99, [None] * 3]
    for _ in range(150):
        text = json.dumps(_changed(json.loads(json.dumps(chance.choice(good))), odd, chance)).encode()
        yield text
        place = chance.randrange(len(text))
        yield text[:place] + bytes([chance.randrange(256)]) + text[place + 1 :]
    yield from (b"", b"null", b"[" * 5000, b"\xff\xfe", b'{"instances": [1]}', b'{"inputs": []}', b'{"inputs": [{}]}')


def _changed(value: Any, odd: list[Any], chance: random.Random) -> Any:
    """The value with one part of it, at any depth, replaced."""
    if isinstance(value, dict) and value and chance.random() < 0.8:
        name = chance.choice(list(value))
        return {**value, name: _changed(value[name], odd, chance)}
    if isinstance(value, list) and value and chance.random() < 0.8:
        place = chance.randrange(len(value))
        return [*value[:place], _changed(value[place], odd, chance), *value[place + 1 :]]
    return chance.choice(odd)


def test_a_key_is_known_by_its_hash_alone() -> None:
    shown, key = made("me", ["*"])
    assert isinstance(key, Key)
    assert shown not in key.model_dump_json()
