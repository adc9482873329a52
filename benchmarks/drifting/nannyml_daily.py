"""NannyML's univariate calculator on the same rows. Runs under a Python that has NannyML, and only that.

python nannyml_daily.py REFERENCE.parquet CURRENT.parquet
"""

import json
import resource
import sys
import time

import nannyml
import pandas as pd


def main() -> None:
    """Fits on the one file, calculates on the other, and prints seconds of CPU and the peak in MB."""
    reference, current = (pd.read_parquet(path) for path in sys.argv[1:3])
    calculator = nannyml.UnivariateDriftCalculator(column_names=list(reference.columns))
    begin, clock = time.process_time(), time.perf_counter()
    calculator.fit(reference)
    fitted = time.process_time()
    calculator.calculate(current)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1.024 / 1e3
    print(
        json.dumps(
            {
                "cpu_seconds": time.process_time() - begin,
                "seconds": time.perf_counter() - clock,
                "calculate_cpu_seconds": time.process_time() - fitted,
                "peak_mb": peak,
                "features": len(reference.columns),
            }
        )
    )


if __name__ == "__main__":
    main()
