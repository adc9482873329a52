"""Does a change of what is served cost a request, or time? wrk asks without pause, with changes and without, in turns.

The changes are those of a release: a version is loaded beside the champion, answers in the shadow, then 5, 20, 50 and
100 % of the entities, is promoted, and is rolled back; and again, as often as it goes while wrk asks.
"""

import argparse
import json
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path

from benchmarks.answering.wrk import wrk
from benchmarks.changing.changes import Change, changes
from benchmarks.changing.world import MODEL, served
from benchmarks.reporting import finish, median, pick, progress, table
from tests.service import Service

SIDES = ("without a change", "with changes")
PAUSE_SECONDS = 0.1  # between two changes
Round = dict[str, float]


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.swap_under_load")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=20, help="of one turn of each side")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--clients", type=int, default=16)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, served(Path(folder), chosen.workers) as (service, ledger):
        questions = Path(folder) / "questions.jsonl"
        questions.write_text("".join(f"{json.dumps(_question(bus))}\n" for bus in range(1, 50)))
        url = f"{service.client.base_url}/v2/models/{MODEL}/invocations"
        wrk(url, questions, chosen.clients, 3)  # warms up
        made, memory = changes(ledger), [_memory_mb(service)]
        rounds: dict[str, list[Round]] = {name: [] for name in SIDES}
        progress("preparing the second version")
        seen = [next(made)._replace(kind="prepare, and load beside")]  # once per version and machine
        for turn in range(chosen.turns):
            progress(f"turn {turn + 1} of {chosen.turns}: {len(seen)} changes so far")
            for name, found in rounds.items():
                with Changing(made, seen) if name == SIDES[1] else nullcontext():
                    found.append(wrk(url, questions, chosen.clients, chosen.seconds))
                memory.append(_memory_mb(service))
    show(rounds, seen, memory, f"{chosen.turns} turns of {chosen.seconds} s, {chosen.workers} workers, "
         f"{chosen.clients} connections")  # fmt: skip


class Changing:
    """Changes one after the other while the block runs; what goes wrong is raised at its end."""

    def __init__(self, made: Iterator[Change], seen: list[Change]) -> None:
        self._made, self._seen, self._stop = made, seen, threading.Event()
        self._pool = ThreadPoolExecutor(1)

    def __enter__(self) -> None:
        self._running = self._pool.submit(self._change)

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._running.result()
        self._pool.shutdown()

    def _change(self) -> None:
        while not self._stop.wait(PAUSE_SECONDS):
            self._seen.append(next(self._made))


def show(rounds: dict[str, list[Round]], seen: list[Change], memory: list[float], title: str) -> None:
    """The tables and the last line."""
    figures = {name: _figures(found) for name, found in rounds.items()}
    plain, changed = figures.values()
    rows = [[name, *one.values()] for name, one in figures.items()]
    rows.append(["ratio", *(changed[key] / plain[key] if plain[key] else "" for key in plain)])
    head = ("", "requests/s", "p50 ms", "p99 ms", "slowest ms", "requests", "failed")
    table(f"{title}, {len(seen)} changes", head, rows)
    kinds = {
        kind: [one.seconds for one in seen if one.kind == kind] for kind in dict.fromkeys(one.kind for one in seen)
    }
    rows = [[kind, len(found), median(found), max(found)] for kind, found in kinds.items()]
    table("Until the last replica follows", ("change", "times", "median s", "worst s"), rows)
    print(
        f"\nThe largest worker takes {memory[0]:.0f} MB before the first change and {memory[-1]:.0f} MB after the last."
    )
    follow = {kind: {"median": median(found), "worst": max(found)} for kind, found in kinds.items()}
    finish("swap_under_load", {**figures, "changes": len(seen), "follow": follow, "memory_mb": memory})


def _figures(found: list[Round]) -> Round:
    """Medians over the rounds; requests and failures of all."""
    rate = median([one["requests"] / one["seconds"] for one in found])
    each = {name: pick(found, name) for name in ("p50", "p99", "slowest")}
    return {"per_second": rate, **each, "requests": sum(one["requests"] for one in found),
            "failed": sum(one["wrong"] + one["late"] for one in found)}  # fmt: skip


def _question(bus: int) -> dict[str, object]:
    return {"dataframe_records": [{"bus": bus, "line": "red"}]}


def _memory_mb(service: Service) -> float:
    """What the largest worker takes, pages shared with others counted in part."""
    return float(max(one.memory_full_info().pss for one in service.workers())) / 2**20


if __name__ == "__main__":
    main()
