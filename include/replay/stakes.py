"""What was at stake when an alarm went off: what a model made that morning would have been better by."""

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from include.drift import Tier
from include.evaluation.metrics import improvement
from include.replay.challenger import Challenger
from include.replay.scoring import Scored

FORTNIGHT = timedelta(days=14)


@dataclass
class Stake:
    """An alarm, the champion it went off for, and the model one could have had instead; None where there is none."""

    day: date
    tier: Tier
    champion: Challenger | None
    fresh: Challenger | None = None
    gains: list[float] = field(default_factory=list)

    def follow(self, scored: Scored) -> None:
        """Compares both on a day of the fortnight that followed; lets go of them after it."""
        if self.champion is None or self.fresh is None:
            return
        if scored.day > self.day + FORTNIGHT:
            self.champion = self.fresh = None
            return
        self.gains.append(improvement(scored.of, scored.metric(self.fresh), scored.metric(self.champion)))

    @property
    def loss(self) -> float:
        """The mean over the days that could be measured; NaN where there are none."""
        known = [gain for gain in self.gains if not np.isnan(gain)]
        return float(np.mean(known)) if known else float("nan")
