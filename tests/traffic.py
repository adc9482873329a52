"""A client that asks the service without pause, and keeps what it was told."""

import threading
import time
from collections import Counter

import httpx
import numpy as np


class Traffic:
    """Asks one row after the other while the block runs: `seen` counts answers by version, `failed` has the others."""

    def __init__(self, address: str, model: str = "trip_late") -> None:
        self.seen: Counter[str] = Counter()
        self.failed: list[str] = []
        self._address, self._model, self._stop = address, model, threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self) -> "Traffic":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _ask(self) -> None:
        random = np.random.default_rng(1)
        with httpx.Client(base_url=self._address, timeout=30, trust_env=False) as http:
            while not self._stop.is_set():
                row = {"bus": int(random.integers(1, 50)), "line": "red"}
                answer = http.post(f"/v2/models/{self._model}/invocations", json={"dataframe_records": [row]})
                if answer.status_code == httpx.codes.OK:
                    self.seen.update(answer.json()["model_versions"])
                else:
                    self.failed.append(answer.text)
                time.sleep(0.005)
