"""Does a change of the champion cost a request, or time? Seconds with a change and without one, in turns."""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.changing.world import MODEL, Clients, model_hash, served
from benchmarks.reporting import finish, median, progress, table
from tests.service import promoted

WINDOW_SECONDS = 3.0


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.swap_under_load")
    parser.add_argument("--turns", type=int, default=10)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--clients", type=int, default=16)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, served(Path(folder), chosen.workers) as (service, ledger):
        hashes, champion = {number: model_hash(number) for number in "12"}, "2"
        windows: dict[str, list[tuple[float, float]]] = {"without a change": [], "with a change": []}
        with Clients(service, chosen.clients) as clients:
            time.sleep(WINDOW_SECONDS)  # warms up
            for turn in range(chosen.turns):
                progress(f"turn {turn + 1} of {chosen.turns}")
                for name, found in windows.items():
                    begun = time.time()
                    if name == "with a change":
                        champion = "1" if champion == "2" else "2"
                        promoted(MODEL, champion, ledger, hashes[champion])
                    time.sleep(WINDOW_SECONDS)
                    found.append((begun, time.time()))
        answers = clients.answers
    failed = sum(status != 200 for _, _, status, _ in answers)
    figures = {name: _measured(answers, found) for name, found in windows.items()}
    head = ("", "requests/s", "p50 ms", "p99 ms", "slowest ms")
    table(f"{chosen.turns} turns, {chosen.workers} workers, {chosen.clients} clients", head,
          [[name, *found.values()] for name, found in figures.items()])  # fmt: skip
    print(f"\n{failed} of {len(answers)} requests failed during {chosen.turns} changes.")
    finish("swap_under_load", {**figures, "failed": failed, "requests": len(answers)})


def _measured(answers: list[tuple[float, float, int, str]], windows: list[tuple[float, float]]) -> dict[str, float]:
    """Medians over the windows."""
    parts = [np.array([took for at, took, _, _ in answers if begun <= at < end]) * 1000 for begun, end in windows]
    return {
        "per_second": median([len(part) / (end - begun) for part, (begun, end) in zip(parts, windows, strict=True)]),
        "p50_ms": median([float(np.quantile(part, 0.5)) for part in parts]),
        "p99_ms": median([float(np.quantile(part, 0.99)) for part in parts]),
        "slowest_ms": median([float(part.max()) for part in parts]),
    }


if __name__ == "__main__":
    main()
