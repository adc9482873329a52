"""Which days a training may learn from and which it is judged on: pure date arithmetic."""

from dataclasses import dataclass
from datetime import date, timedelta

from include.spec import ModelSpec


@dataclass(frozen=True)
class Window:
    """A range of days, both ends included; `first` is None where the window reaches back to the first day."""

    first: date | None
    last: date

    def __str__(self) -> str:
        return f"{self.first or 'the beginning'} to {self.last}"


@dataclass(frozen=True)
class Windows:
    """What to fit on and what to judge on; between them lies a gap as long as the label delay."""

    training: Window
    held_out: Window


def windows(spec: ModelSpec, as_of: date) -> Windows:
    """The windows of a training that stands on the morning of `as_of` and sees the days before it.

    The held-out window ends with the newest day whose labels are known then. The gap keeps out of training every
    label that was not known yet when the first held-out prediction would have been made.

    Example: as_of 2013-04-01, held_out_days 14, label_delay_days 1 -> training .. 2013-03-16, held out 03-18 .. 03-31
    """
    delay = timedelta(days=spec.label_delay_days)
    held_out_last = as_of - max(delay, timedelta(days=1))
    held_out_first = held_out_last - timedelta(days=spec.training.held_out_days - 1)
    training_last = held_out_first - timedelta(days=1) - delay
    history = spec.training.history_days
    training_first = None if history is None else as_of - timedelta(days=history)
    return Windows(Window(training_first, training_last), Window(held_out_first, held_out_last))
