"""`python -m benchmarks.admitting.side MODULE FILE FOLDER`: one fresh process judges one partition in one way.

The last line of its output is a JSON object: wall and CPU seconds without imports, peak memory, rows and rules.
"""

import json
import os
import resource
import sys
import time
import warnings
from importlib import import_module
from pathlib import Path


def main(side: str, file: Path, folder: Path) -> None:
    """Judges once and prints what it took."""
    warnings.simplefilter("ignore")
    os.environ["DO_NOT_TRACK"] = "true"
    judge = import_module(f"benchmarks.admitting.{side}").prepared(file, folder)
    with file.open("rb") as warmed:  # the same page cache for every side
        while warmed.read(1 << 20):
            pass
    imported = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    begin, cpu = time.perf_counter(), time.process_time()
    judged = judge()
    used = {"wall": time.perf_counter() - begin, "cpu": time.process_time() - cpu}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**used, "peak_mb": peak, "imported_mb": imported, **judged}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
