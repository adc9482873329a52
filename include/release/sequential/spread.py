"""Whether two streams are spread differently: Kolmogorov's distance, tested at fixed edges and at all times.

At each edge, the part of the answers that are at most the edge is a mean. The claim "nowhere further apart than tau" is
one about every edge and both directions, and the mean of what refutes each of them refutes it.
"""

import numpy as np
from scipy.special import logsumexp

from include.features.matrix import Floats
from include.release.sequential.betting import Sample, above, below, rate
from include.release.sequential.difference import exceeds


def apart(first: Floats, second: Floats, sizes: tuple[int, int], tau: float) -> float:
    """The logarithm of the evidence against it, from how many answers of each stream are at most each edge."""
    pairs = [(rate(int(a), sizes[0]), rate(int(b), sizes[1])) for a, b in zip(first, second, strict=True)]
    found = [exceeds(one, other, tau) for one, other in pairs] + [exceeds(other, one, tau) for one, other in pairs]
    return float(logsumexp(found) - np.log(len(found)))


def apart_in_pairs(moved_down: Floats, moved_up: Floats, size: int, tau: float) -> float:
    """The same where both answered every request: at each edge, how often only the second (or first) is below it."""
    values, claim = np.array([-1.0, 0.0, 1.0]), np.array([tau])
    samples = [
        Sample(values, np.array([up, size - up - down, down], dtype=float), -1.0)
        for down, up in zip(moved_down, moved_up, strict=True)
    ]
    found = [above(one, claim)[0] for one in samples] + [below(one, -claim)[0] for one in samples]
    return float(logsumexp(found) - np.log(len(found)))


def distance(first: Floats, second: Floats, sizes: tuple[int, int]) -> float:
    """The largest observed difference at any edge, 0 where one of them has no answers."""
    if not all(sizes):
        return 0.0
    return float(np.abs(first / sizes[0] - second / sizes[1]).max())
