"""One day of the past as it was scored: read once, answered by every model that is asked."""

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from include.evaluation.metrics import measure
from include.features.matrix import Floats
from include.features.reading import read_targets
from include.features.windows import features_of
from include.lake.profile import Profile
from include.replay.challenger import Challenger
from include.replay.measuring import Answered
from include.replay.workshop import Workshop
from include.spec import ModelSpec
from include.spec.metrics import Metric
from include.training import predictions
from include.training.predictions import PREDICTION, predict
from include.training.windows import Window


@dataclass
class Scored:
    """The rows of a day. Labels are those that came in the end: a metric of it is known by hindsight alone."""

    key: str
    day: date
    features: pd.DataFrame
    target: Floats
    stored: Profile
    of: Metric
    _said: dict[Challenger, Floats] = field(default_factory=dict)
    _profiles: dict[Challenger, Profile] = field(default_factory=dict)

    @classmethod
    def read(cls, spec: ModelSpec, day: date, morning: date, workshop: Workshop) -> "Scored":
        """A partition as it was known on the morning it was scored."""
        snapshot = workshop.history.snapshot(spec, Window(day, day), morning)
        [target] = read_targets(spec, snapshot.entries, workshop.store)
        [(key, stored)] = workshop.days(spec, snapshot).items()
        return cls(
            key=key,
            day=day,
            features=features_of(spec, snapshot, [np.ones(len(target), dtype=np.bool_)], workshop.store),
            target=target,
            stored=stored,
            of=spec.gates.champion_comparison.metric,
        )

    def metric(self, model: Challenger) -> float:
        """What the model's answers were worth; NaN where it is not defined on this day."""
        found = self.answered(model)
        return measure(self.of, found.target, found.said)

    def answered(self, model: Challenger) -> Answered:
        """What the model said of rows with a label."""
        known = ~np.isnan(self.target)
        return Answered(self.key, self.day, model, self._by(model)[known], self.target[known])

    def profile(self, model: Challenger) -> Profile:
        """The day as the watch sees it: its features and what the model said."""
        if model not in self._profiles:
            said = predictions.profile(model.spec, self._by(model))
            columns = {**self.stored.columns, PREDICTION: said}
            self._profiles[model] = self.stored.model_copy(update={"columns": columns})
        return self._profiles[model]

    def _by(self, model: Challenger) -> Floats:
        if model not in self._said:
            self._said[model] = predict(model.spec, model.pipeline, self.features)
        return self._said[model]
