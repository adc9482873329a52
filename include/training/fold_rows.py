"""Folds as rows: what a trial is fitted on and scored on, with the preprocessing that trials share done once."""

from typing import Any

import joblib
import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from include.errors import NotFound
from include.features.matrix import Floats
from include.spec import ModelSpec
from include.training.folds import Fold, folds
from include.training.predictions import predict
from include.training.rows import LabelledRows
from include.training.windows import Window


class FoldRows:
    """The rows of one fold. What the newest preprocessing made of them is kept: most trials differ in the estimator.

    Two pipelines share it where the settings of all steps before the last one are equal, the seed among them.
    """

    def __init__(self, spec: ModelSpec, fold: Fold, rows: LabelledRows) -> None:
        self.fold = fold
        self._spec = spec
        self._fit, self._validation = _part(rows, fold.fit), _part(rows, fold.validation)
        self._prepared_by: str | None = None
        self._prepared: tuple[Any, Any] = (self._fit.features, self._validation.features)

    @property
    def target(self) -> Floats:
        """The labels a trial is scored on."""
        return self._validation.target

    def predictions(self, pipeline: Pipeline) -> Floats:
        """What a clone of the pipeline, fitted on the days before the gap, says of the validation part."""
        fresh: Pipeline = clone(pipeline)
        seen, unseen = self._prepare(fresh)
        return predict(self._spec, fresh[-1].fit(seen, self._fit.target), unseen)

    def _prepare(self, pipeline: Pipeline) -> tuple[Any, Any]:
        """Both parts as the estimator gets them."""
        if len(pipeline) == 1:
            return self._fit.features, self._validation.features
        steps = pipeline[:-1]
        settings = joblib.hash(steps)
        if settings != self._prepared_by:
            seen = steps.fit_transform(self._fit.features, self._fit.target)
            self._prepared, self._prepared_by = (seen, steps.transform(self._validation.features)), settings
        return self._prepared


def fold_rows(spec: ModelSpec, count: int, rows: LabelledRows) -> list[FoldRows]:
    """The folds of the days there are rows of. NotFound where one of them has no labelled row on one side."""
    first, last = rows.days[0].item(), rows.days[-1].item()
    return [
        FoldRows(spec, fold, rows)
        for fold in folds(first, last, count, spec.label_delay_days, spec.training.held_out_days)
    ]


def _part(rows: LabelledRows, window: Window) -> LabelledRows:
    """The rows of a window, without a copy: rows are in the order of their days."""
    first = np.searchsorted(rows.days, np.datetime64(window.first), "left")
    last = np.searchsorted(rows.days, np.datetime64(window.last), "right")
    if first == last:
        raise NotFound(
            f"There is no labelled row from {window}, which the search needs. "
            "Land the missing days, or lower training.search.folds."
        )
    part = slice(first, last)
    return LabelledRows(rows.features.iloc[part], rows.target[part], rows.days[part], 0)
