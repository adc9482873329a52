"""What both models said about the same rows, as slices and fairness look at it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from include.evaluation.coded import Codes
from include.features.matrix import Floats
from include.spec.metrics import Task

MIN_DAYS = 5  # a slice or group seen on fewer days is not judged: its interval would mean nothing


@dataclass(frozen=True)
class Answers:
    """Targets, predictions and day numbers, one per row; `champion` is None while there is none.

    `classes` are the names of a multiclass target's numbers.
    """

    task: Task
    classes: tuple[str, ...]
    days: Codes
    target: Floats
    challenger: Floats
    champion: Floats | None

    @property
    def are_finite(self) -> bool:
        """Whether there are rows, and every prediction about them is a number."""
        said = (self.challenger,) if self.champion is None else (self.challenger, self.champion)
        return len(self.target) > 0 and all(bool(np.isfinite(one).all()) for one in said)

    def where(self, kept: npt.NDArray[np.bool_]) -> "Answers":
        """Only the rows that are kept."""
        champion = None if self.champion is None else self.champion[kept]
        return Answers(self.task, self.classes, self.days[kept], self.target[kept], self.challenger[kept], champion)
