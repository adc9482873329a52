"""Recalibration: the model learns from the earlier days, and from the newest ones how far it can be believed.

Never from held-out rows: both parts lie in the training window, in the order of time, with the label delay between
them, so that the calibrator learns as the champion will be used.
"""

import logging
from collections.abc import Callable
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.isotonic import IsotonicRegression
from sklearn.pipeline import Pipeline

from include.errors import BadData, NotFound
from include.features.matrix import Floats
from include.spec import ModelSpec
from include.training.log_odds import LogOddsLine, fitted_line, log_odds
from include.training.rows import LabelledRows

log = logging.getLogger(__name__)
TWO = 2
Outcomes = npt.NDArray[np.bool_]
Curve = Floats  # sigmoid: intercept and slope; isotonic: knots, above them their values


class Recalibrated(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A fitted classifier as the last step of a pipeline, its probabilities bent by a curve per class.

    Of two classes there is one curve, of the second; of more, each class is bent against the rest and the whole is
    made to sum to 1 (Zadrozny & Elkan, Transforming Classifier Scores into Accurate Multiclass Probability Estimates,
    2002). It holds arrays and scikit-learn's own types alone, so that its file can be checked, and costs microseconds.
    """

    def __init__(self, classifier: ClassifierMixin, method: str) -> None:
        self.classifier = classifier
        self.method = method

    def fit(self, features: object, target: Floats) -> Self:
        """Learns the curves from rows that the classifier has not seen. The classifier stays as it is."""
        self.classes_ = self.classifier.classes_
        places = range(len(self.classes_))[-1:] if len(self.classes_) == TWO else range(len(self.classes_))
        said = self._said(features)
        self.curves_ = [_curve(self.method, said[:, place], target == self.classes_[place]) for place in places]
        return self

    def predict_proba(self, features: object) -> Floats:
        """Recalibrated probabilities, one column per class."""
        said, bend = self._said(features), BEND[self.method]
        if len(self.classes_) == TWO:
            yes = bend(self.curves_[0], said[:, 1])
            return np.column_stack([1 - yes, yes])
        bent = np.column_stack([bend(curve, column) for curve, column in zip(self.curves_, said.T, strict=True)])
        total = bent.sum(axis=1, keepdims=True)
        return np.where(total > 0, bent / np.where(total > 0, total, 1), said)

    def predict(self, features: object) -> Floats:
        """The likeliest class."""
        return np.asarray(self.classes_[self.predict_proba(features).argmax(axis=1)])

    def _said(self, features: object) -> Floats:
        return np.asarray(self.classifier.predict_proba(features), dtype=np.float64)


def learn_recalibrated(spec: ModelSpec, pipeline: Pipeline, rows: LabelledRows) -> Pipeline:
    """The pipeline fitted on the earlier days of the rows, with a calibrator fitted on the newest ones as last step.

    NotFound where the rows have too few days for both, BadData where the earlier ones have a single class.
    """
    earlier, newest = parts(spec, rows)
    *steps, (name, classifier) = pipeline.fit(earlier.features, earlier.target).steps
    unseen = pipeline[:-1].transform(newest.features) if steps else newest.features
    return Pipeline([*steps, (name, Recalibrated(classifier, spec.training.recalibrate).fit(unseen, newest.target))])


def parts(spec: ModelSpec, rows: LabelledRows) -> tuple[LabelledRows, LabelledRows]:
    """The rows to fit on and those to calibrate on: the newest share of the days, after a gap of the label delay.

    Example: 10 days from 01-01, share 0.2, label_delay_days 1 -> fit 01-01 .. 01-07, calibrate 01-09 .. 01-10
    """
    days = np.unique(rows.days)
    newest = days[-max(1, round(spec.training.recalibrate_share * len(days)))]
    end = int(np.searchsorted(rows.days, newest - np.timedelta64(spec.label_delay_days, "D")))
    start = int(np.searchsorted(rows.days, newest))
    if end == 0:
        raise NotFound(
            f"{spec.name}: of {len(days)} days with labels, those from {newest} on are for training.recalibrate, and "
            f"with a gap of {spec.label_delay_days} days none is left to learn from. Land more days."
        )
    if len(np.unique(rows.target[:end])) == 1:
        raise BadData(
            f"{spec.name}: all {end} labelled rows from {days[0]} to {rows.days[end - 1]}, before the days for "
            "training.recalibrate, are of one class: there is nothing to learn from them. Learn from more days."
        )
    return _slice(rows, slice(end)), _slice(rows, slice(start, None))


def _slice(rows: LabelledRows, part: slice) -> LabelledRows:
    return LabelledRows(rows.features.iloc[part], rows.target[part], rows.days[part], 0)


def _curve(method: str, said: Floats, is_class: Outcomes) -> Curve:
    found = FIT[method](said, is_class) if is_class.any() and not is_class.all() else None
    if found is None:
        log.warning(
            "%d rows of which %d are of a class cannot recalibrate it: its probabilities stay as they are",
            len(is_class), is_class.sum(),
        )  # fmt: skip
        return AS_IT_IS[method]
    return found


def _fit_sigmoid(said: Floats, is_class: Outcomes) -> Curve | None:
    """Platt's scaling of log-odds, with his targets (Probabilistic Outputs for Support Vector Machines, 1999).

    None where the line does not rise: it would turn the model's order around.
    """
    yes, no = is_class.sum(), (~is_class).sum()
    line = fitted_line(log_odds(said), np.where(is_class, (yes + 1) / (yes + 2), 1 / (no + 2)))
    return None if line is None or line.slope <= 0 else np.array([line.intercept, line.slope])


def _fit_isotonic(said: Floats, is_class: Outcomes) -> Curve:
    """The likeliest curve that never falls. It needs about a thousand rows (Niculescu-Mizil & Caruana, 2005)."""
    found = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(said, is_class)
    return np.stack([found.X_thresholds_, found.y_thresholds_])


def _bend_sigmoid(curve: Curve, said: Floats) -> Floats:
    intercept, slope = curve.tolist()
    return np.asarray(expit(LogOddsLine(intercept, slope).at(log_odds(said))))


def _bend_isotonic(curve: Curve, said: Floats) -> Floats:
    return np.asarray(np.interp(said, curve[0], curve[1]))


FIT: dict[str, Callable[[Floats, Outcomes], Curve | None]] = {"sigmoid": _fit_sigmoid, "isotonic": _fit_isotonic}
BEND: dict[str, Callable[[Curve, Floats], Floats]] = {"sigmoid": _bend_sigmoid, "isotonic": _bend_isotonic}
AS_IT_IS: dict[str, Curve] = {"sigmoid": np.array([0.0, 1.0]), "isotonic": np.array([[0.0, 1.0], [0.0, 1.0]])}
