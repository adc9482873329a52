"""One round of load on one side."""

from pathlib import Path

from benchmarks.answering.sides import Side
from benchmarks.answering.wrk import wrk


def load(home: Path, side: Side, connections: int, seconds: int) -> dict[str, float]:
    """Requests a second, milliseconds, and processor time of a request."""
    before = side.cpu_seconds()
    found = wrk(side.url, home / f"{side.form}.jsonl", connections, seconds, side.key)
    assert found["wrong"] == 0, (side.name, found)
    cpu_ms = 1000 * (side.cpu_seconds() - before) / found["requests"]
    rate = found["requests"] / found["seconds"]
    return {"per_second": rate, "p50": found["p50"], "p99": found["p99"], "cpu_ms": cpu_ms}
