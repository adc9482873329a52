"""A release step by step in processes of their own, and what has to hold after whatever was killed."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import cycle

import httpx

from include.ledger import Ledger
from include.serving.routed import routing
from tests.integration.conftest import MODEL
from tests.killing import NEVER, Ended, Steps
from tests.service import Service, until

NAME = "trip_late"
RULES = {
    "shadow_requests": 5, "shares": [0.5, 1.0], "min_requests": 5, "min_minutes": 0, "load_requests": 10,
    "load_clients": 2, "worse_errors": 0.9, "other_answers": 0.9, "miss": 0.49, "false_stop": 0.01,
    "slo": {"p99_ms": 20_000, "error_rate": 0.9},
}  # fmt: skip
DECLARED = {**MODEL, "release": {"approval": False, "rollout": RULES}}
APPROVED = {"version": "2", "reason": "looks good", "actor": "ann", "approval": "person"}
PLACES = ({"stage": "shadow"}, {"stage": "canary", "share": "0.5"}, {"stage": "canary", "share": "1.0"})
POINTS = (0, 1, 2, 4, 8, 16, NEVER)  # the changes of a step before which it dies
BEGINNING = "2000-01-01T00:00"  # every step was asked for since
MOVED = [
    *[("2", stage, 0) for stage in ("staged", "tested", "loaded", "approved", "shadow")], ("2", "canary", 0.5),
    ("2", "canary", 1.0), ("2", "passed", 1.0), ("2", "promoted", 0),
]  # fmt: skip
"""How version 2 moves in a release that nothing happens to."""


def steps_to_champion() -> Iterator[tuple[str, dict[str, str]]]:
    """The steps of version 2 in the order of the Dag."""
    for step in ("stage", "check-service", "load-test"):
        yield step, {"version": "2"}
    for place in PLACES:
        yield "enter-rollout", {**APPROVED, **place}
        yield "look-at-rollout", {"version": "2", **place}
    yield "promote", APPROVED
    yield "settle-rollout", {"version": "2"}


class Release:
    """A release under way. `died` tells whether what a step was to kill is dead, and brings it back."""

    def __init__(self, doomed: Steps, service: Service, ledger: Callable[[], Ledger]) -> None:
        self.deaths: Counter[str] = Counter()
        self._steps, self._service, self._ledger = doomed, service, ledger

    def step(
        self, step: str, arguments: dict[str, str], died: Callable[[Ended], bool], victim: Callable[[], int] = lambda: 0
    ) -> str:
        """The step, with a death at each of `POINTS` that it gets to, and then without one; gives what it said.

        A look that waits is looked at again: every request counts.
        """
        name = " ".join([step, *(arguments[part] for part in ("stage", "share", "how") if part in arguments)])
        points = iter(POINTS)
        point = next(points)
        while True:
            ended = self._steps.run(step, NAME, arguments, at=point, victim=victim())
            if died(ended):
                self.deaths[name] += 1
                point = next(points)
                self.is_right()
            elif ": wait," not in ended.message:
                assert ended.how == "ok", (name, ended)
                return ended.message

    def is_right(self) -> None:
        """The service follows the ledger: it answers with its champion, or in a canary with its challenger too."""
        ledger = self._ledger()
        now = routing(NAME, ledger)
        alive = {str(one.pid) for one in self._service.workers()}
        until(lambda: self._following(ledger, now.sequence, alive), f"workers follow {now}", self._service.log)
        assert now.champion is not None
        allowed = {now.champion.version}
        if now.challenger is not None and now.mode == "canary":
            allowed.add(now.challenger.version)
        answers = self._service.invoke(NAME, [{"bus": bus, "line": "red"} for bus in range(1, 20)]).json()
        assert set(answers["model_versions"]) <= allowed

    def _following(self, ledger: Ledger, sequence: int, alive: set[str]) -> bool:
        """A replica is named for its process."""
        words = [one for one in ledger.replicas(NAME) if one.replica.split("-")[-2] in alive]
        return len(words) == len(alive) and all(one.sequence >= sequence for one in words)


class Witness:
    """Asks one row after the other while the block runs, and keeps what it was promised.

    `acknowledged` has the ids of all answers, `refused` what was said instead of one, and `cut_off` counts the requests
    during which the connection broke.
    """

    def __init__(self, address: str) -> None:
        self.acknowledged: set[str] = set()
        self.refused: list[str] = []
        self.cut_off = 0
        self._address, self._stop = address, threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self) -> "Witness":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _ask(self) -> None:
        with httpx.Client(base_url=self._address, timeout=30, trust_env=False) as http:
            for bus in cycle(range(1, 50)):
                if self._stop.wait(0.02):
                    return
                try:
                    rows = {"dataframe_records": [{"bus": bus, "line": "red"}]}
                    answer = http.post(f"/v2/models/{NAME}/invocations", json=rows)
                except httpx.TransportError:
                    self.cut_off += 1
                    continue
                if answer.status_code == httpx.codes.OK:
                    self.acknowledged.update(answer.json()["prediction_ids"])
                else:
                    self.refused.append(answer.text)
