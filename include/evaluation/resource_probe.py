"""What one model costs to serve: `python -m include.evaluation.resource_probe <request> <answer>`.

Run as a process of its own by `include.evaluation.resources`, which gives it one thread. It imports what a server of
the model needs and nothing else, because what it imports is part of what it measures.
"""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from sklearn.pipeline import Pipeline

from include.evaluation.resources import MEGABYTE, Costs, Request
from include.evaluation.stopwatch import Stopwatch
from include.registry import model_file

SINGLES, BATCHES = 300, 30


def measure(request: Request) -> Costs:
    """Loads the model as a server does, its hash checked, and asks it row by row and batch by batch."""
    libraries = memory("VmRSS")
    watch, loaded = Stopwatch(), list[Pipeline]()
    load = partial(model_file.load, request.folder, request.model_hash, "the stored model")
    load_seconds = watch.seconds(lambda: loaded.append(load()))
    answer = _answering(loaded[0], request)
    answer(0, request.rows)  # the first call pays for what later ones find ready
    places = [place % request.rows for place in range(SINGLES)]
    singles = [1000 * watch.seconds(partial(answer, place, place + 1)) for place in places]
    batches = [1000 * watch.seconds(partial(answer, 0, request.rows)) for _ in range(BATCHES)]
    return Costs(
        single_p50_ms=float(np.quantile(singles, 0.5)),
        single_p99_ms=float(np.quantile(singles, 0.99)),
        batch_rows=request.rows,
        batch_p50_ms=float(np.quantile(batches, 0.5)),
        batch_p99_ms=float(np.quantile(batches, 0.99)),
        load_seconds=load_seconds,
        waited_share=watch.waited / watch.total,
        artifact_mb=(request.folder / model_file.MODEL_FILE).stat().st_size / MEGABYTE,
        libraries_mb=libraries,
        peak_mb=memory("VmHWM"),
    )


def memory(line: str) -> float:
    """Resident memory of this process in megabytes: `VmRSS` now, `VmHWM` the most so far.

    Where there is no /proc the most so far stands for both. It is not used elsewhere: on Linux `ru_maxrss` starts at
    the size of the parent that forked us (getrusage(2) keeps it across execve).
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except FileNotFoundError:
        import resource  # noqa: PLC0415 - Unix without /proc: macOS, which counts bytes

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE
    kilobytes = next(one.split()[1] for one in status.splitlines() if one.startswith(f"{line}:"))
    return int(kilobytes) * 1024 / MEGABYTE


def _answering(pipeline: Pipeline, request: Request) -> Callable[[int, int], object]:
    ask = pipeline.predict if request.task == "regression" else pipeline.predict_proba
    return lambda first, last: ask(request.frame(first, last))


def main(request: str, answer: str) -> None:
    """Reads the request, writes the costs."""
    found = measure(Request.model_validate_json(Path(request).read_text(encoding="utf-8")))
    Path(answer).write_text(found.model_dump_json(), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
