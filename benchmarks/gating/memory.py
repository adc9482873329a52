"""How much memory a process has had at most."""

import resource
import sys


def peak_mb() -> float:
    """The peak of this process in MB; Linux counts in kilobytes, macOS in bytes."""
    unit = 1e6 if sys.platform == "darwin" else 1e3
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1.024 if unit == 1e3 else 1) / unit
