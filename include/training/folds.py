"""How a training window is split to compare parameters inside it: pure date arithmetic."""

from dataclasses import dataclass
from datetime import date, timedelta

from include.errors import NotFound
from include.training.windows import Window


@dataclass(frozen=True)
class Fold:
    """What to fit a trial on and what to score it on; between them lies a gap as long as the label delay."""

    fit: Window
    validation: Window


def folds(first: date, last: date, count: int, gap_days: int, longest: int) -> tuple[Fold, ...]:
    """So many folds of the days from `first` to `last`, oldest first, each fitted on all days before its gap.

    The validation parts lie side by side at the end of the window, each as long as the others and at most `longest`
    days, so that a trial is judged as the challenger will be: on days after those it learnt from, none of whose
    labels it could have known. Rolling origin: Tashman, International Journal of Forecasting 16 (2000), section 3;
    the gap: Lopez de Prado, Advances in Financial Machine Learning (2018), section 7.4.

    Example: 2013-01-01 to 2013-02-10, 2 folds, gap 1, longest 14 ->
    fit 01-01 .. 01-14, validation 01-16 .. 01-28; fit 01-01 .. 01-27, validation 01-29 .. 02-10
    """
    days = (last - first).days + 1
    length = min(longest, (days - gap_days) // (count + 1))
    if length < 1:
        raise NotFound(
            f"The {days} days from {first} to {last} cannot be split for {count} search folds with a gap of {gap_days} "
            f"days; required: {count + 1 + gap_days}. Land more days, or lower training.search.folds."
        )
    ends = [last - timedelta(days=length * place) for place in reversed(range(count))]
    return tuple(_fold(first, end - timedelta(days=length - 1), end, gap_days) for end in ends)


def _fold(first: date, start: date, end: date, gap_days: int) -> Fold:
    return Fold(fit=Window(first, start - timedelta(days=gap_days + 1)), validation=Window(start, end))
