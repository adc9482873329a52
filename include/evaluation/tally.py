"""How often each group was right or wrong, day by day: the counts behind fairness."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from include.evaluation.answers import Answers
from include.evaluation.blocks import Cells
from include.evaluation.coded import Coded
from include.features.matrix import Floats


@dataclass(frozen=True)
class Tally:
    """Rows, and the sum of what they add to their rate, by rate, group and day. Days without rows are left out."""

    rows: Floats
    sums: Floats

    @property
    def days(self) -> int:
        """How many days have rows."""
        return int(self.rows.shape[2])

    @property
    def shares(self) -> Floats:
        """The rate of each group over all days, by rate and group; NaN where it has no rows."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.sums.sum(axis=2) / self.rows.sum(axis=2))


def tally(answers: Answers, said: Floats, groups: Coded, threshold: float) -> Tally:
    """The counts of one model's predictions; a probability at the threshold is a yes."""
    cells, of_row, value = Cells.of(answers.days, groups), _rate_of_row(answers), _value(answers, said, threshold)
    counted = [of_row == number for number in range(len(rates_of(answers)))]
    rows = np.stack([cells.totals(one.astype(np.float64)) for one in counted])
    sums = np.stack([cells.totals(np.where(one, value, 0.0)) for one in counted])
    filled = rows.any(axis=(0, 1))
    return Tally(rows[:, :, filled], sums[:, :, filled])


def rates_of(answers: Answers) -> tuple[str, ...]:
    """The rates of the task, each measured on other rows."""
    if answers.task == "binary":
        return ("true positive rate", "false positive rate")
    if answers.task == "multiclass":
        return tuple(f"recall of {name}" for name in answers.classes)
    return ("mean error",)


def _rate_of_row(answers: Answers) -> npt.NDArray[np.intp]:
    """Which rate each row counts for: that of its class, the true positive rate where it is yes."""
    if answers.task == "regression":
        return np.zeros(len(answers.target), np.intp)
    return np.asarray(answers.target == 0 if answers.task == "binary" else answers.target, np.intp)


def _value(answers: Answers, said: Floats, threshold: float) -> Floats:
    """What each row adds to its rate: whether it was told yes, or rightly told its class; or its error."""
    if answers.task == "binary":
        return np.asarray(said >= threshold, np.float64)
    if answers.task == "multiclass":
        return np.asarray(said.argmax(axis=1) == answers.target, np.float64)
    spread = float(answers.target.std())
    return np.asarray((said - answers.target) / (spread if spread > 0 else np.nan))
