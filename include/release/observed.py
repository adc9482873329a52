"""What one step of a rollout showed so far, as counts: all that its verdict stands on."""

from dataclasses import dataclass, field

import numpy as np

from include.features.matrix import Floats

NONE: Floats = np.zeros(0)


@dataclass(frozen=True)
class Side:
    """What one version did of the requests whose turn it was.

    `slow` counts those over the promised time, `below` the answers at or below each edge; `seconds` are the times of
    all, `losses` those of the answers whose label is known, between 0 and 1.
    """

    requests: int = 0
    errors: int = 0
    slow: int = 0
    below: Floats = field(default_factory=lambda: NONE)
    answers: int = 0
    seconds: Floats = field(default_factory=lambda: NONE)
    losses: Floats = field(default_factory=lambda: NONE)


@dataclass(frozen=True)
class Pairs:
    """What both versions did of the same requests.

    `more_errors` counts the requests that only the challenger failed, `fewer_errors` those that only the champion did;
    `moved_down` how often, at each edge, only the challenger's answer is at or below it, `moved_up` the other way
    round. `losses` are the challenger's less the champion's.
    """

    requests: int = 0
    more_errors: int = 0
    fewer_errors: int = 0
    answers: int = 0
    moved_down: Floats = field(default_factory=lambda: NONE)
    moved_up: Floats = field(default_factory=lambda: NONE)
    losses: Floats = field(default_factory=lambda: NONE)


@dataclass(frozen=True)
class Observed:
    """Both versions during one step; `pairs` in the shadow, where every request is answered by both."""

    champion: Side
    challenger: Side
    pairs: Pairs | None = None
