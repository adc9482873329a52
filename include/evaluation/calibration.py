"""Calibration: of the rows that were given 30 %, did 30 % come true? Measured for both models on the same rows."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

from include.evaluation.calibration_line import CalibrationLine, calibration_line
from include.evaluation.coded import Coded
from include.evaluation.estimate import Estimate
from include.evaluation.means import Statistic
from include.evaluation.reliability import Bin, Binned, BrierParts
from include.evaluation.resampling import Sampling, interval
from include.features.matrix import Floats
from include.spec.contract import Measured

ViewName = Literal["probability", "top_label", "classwise"]
Forecasts = Iterator[tuple[Floats, Floats]]
SEED = 20130402


class ModelCalibration(Measured):
    """How well one model's probabilities are calibrated.

    `error` is in units of probability, 0 where calibrated: the root of the mean squared distance between what is said
    and what comes true, less what chance adds (see `Binned.squared_error`), with one-sided bounds from whole days.
    `plain_error` is the expected calibration error that others report, and too large. `curve` and `line` are of the
    one forecast there is, the curve also of the likeliest class. `by_class` has the error of each class.
    """

    error: Estimate
    plain_error: float
    brier: BrierParts
    curve: tuple[Bin, ...] = ()
    line: CalibrationLine | None = None
    by_class: dict[str, float] = {}


class CalibrationView(Measured):
    """One way to look at probabilities, and both models seen that way. `increase` is how much larger the error got.

    A binary model has the view `probability`. Several classes have `top_label`, whether the likeliest class is right
    as often as it says (Guo et al., On Calibration of Modern Neural Networks, 2017), and `classwise`, each class
    against the rest, with the mean over classes of the squared errors (Kumar, Liang & Ma, Verified Uncertainty
    Calibration, 2019, definition 2.4).
    """

    view: ViewName
    rows: int
    days: int
    confidence: float
    challenger: ModelCalibration
    champion: ModelCalibration | None = None
    increase: Estimate | None = None


@dataclass(frozen=True)
class Rows:
    """The held-out rows of a classifier: classes by name (of a binary one none), targets and days."""

    classes: tuple[str, ...]
    target: Floats
    days: Coded


def calibration(
    rows: Rows, challenger: Floats, champion: Floats | None, confidence: float
) -> tuple[CalibrationView, ...] | None:
    """Every view of the challenger's probabilities, and of the champion's where all that it said are finite numbers.

    None where there are no rows, or the challenger has said something that is no finite number.
    """
    if not len(rows.target) or not np.isfinite(challenger).all():
        return None
    known = champion if champion is not None and np.isfinite(champion).all() else None
    views: tuple[ViewName, ...] = ("top_label", "classwise") if rows.classes else ("probability",)
    return tuple(_view(name, rows, challenger, known, Sampling(confidence, SEED)) for name in views)


def _view(
    name: ViewName, rows: Rows, challenger: Floats, champion: Floats | None, sampling: Sampling
) -> CalibrationView:
    ours = _binned(name, rows, challenger)
    view = CalibrationView(
        view=name,
        rows=len(rows.target),
        days=int(np.count_nonzero(_per_day(ours))),
        confidence=sampling.confidence,
        challenger=_of_model(name, rows, challenger, ours, sampling),
    )
    if champion is None:
        return view
    theirs = _binned(name, rows, champion)
    other = _of_model(name, rows, champion, theirs, sampling)
    larger = interval(partial(_increase, _mean_squared(ours), _mean_squared(theirs)), _per_day(ours), sampling)
    increase = Estimate(value=larger.observed, lower=larger.lower, upper=larger.upper)
    return view.model_copy(update={"champion": other, "increase": increase})


def _of_model(
    name: ViewName, rows: Rows, said: Floats, binned: Sequence[Binned], sampling: Sampling
) -> ModelCalibration:
    squared = interval(_mean_squared(binned), _per_day(binned), sampling)
    return ModelCalibration(
        error=Estimate(value=_root(squared.observed), lower=_root(squared.lower), upper=_root(squared.upper)),
        plain_error=float(np.mean([one.plain_error() for one in binned])),
        brier=BrierParts.total([one.brier() for one in binned]),
        curve=tuple(binned[0].curve(sampling.confidence)) if len(binned) == 1 else (),
        line=calibration_line(said, rows.target, rows.days, sampling.confidence) if name == "probability" else None,
        by_class=_by_class(rows.classes, binned) if name == "classwise" else {},
    )


def _binned(name: ViewName, rows: Rows, said: Floats) -> list[Binned]:
    return [Binned.of(forecast, outcome, rows.days.codes) for forecast, outcome in FORECASTS[name](said, rows.target)]


def _probability(said: Floats, target: Floats) -> Forecasts:
    yield said, target


def _top_label(said: Floats, target: Floats) -> Forecasts:
    yield said.max(axis=1), (said.argmax(axis=1) == target).astype(np.float64)


def _classwise(said: Floats, target: Floats) -> Forecasts:
    for number, forecast in enumerate(said.T):
        yield forecast, (target == number).astype(np.float64)


FORECASTS: dict[ViewName, Callable[[Floats, Floats], Forecasts]] = {
    "probability": _probability,
    "top_label": _top_label,
    "classwise": _classwise,
}


def _by_class(classes: Sequence[str], binned: Sequence[Binned]) -> dict[str, float]:
    everything = np.ones_like(_per_day(binned))[None, :]
    errors = [_root(one.squared_error()(everything).item()) for one in binned]
    return {name: errors[number] for number, name in enumerate(classes)}


def _per_day(binned: Sequence[Binned]) -> Floats:
    rows: Floats = binned[0].rows.sum(axis=0)
    return rows


def _mean_squared(binned: Sequence[Binned]) -> Statistic:
    return partial(_mean, [one.squared_error() for one in binned])


def _mean(statistics: Sequence[Statistic], drawn: Floats) -> Floats:
    return np.asarray(np.mean([one(drawn) for one in statistics], axis=0))


def _increase(ours: Statistic, theirs: Statistic, drawn: Floats) -> Floats:
    return np.asarray(np.sqrt(np.maximum(ours(drawn), 0)) - np.sqrt(np.maximum(theirs(drawn), 0)))


def _root(square: float) -> float:
    """The error of its square, which below zero is as good as none; NaN stays."""
    return float(np.sqrt(np.maximum(square, 0)))
