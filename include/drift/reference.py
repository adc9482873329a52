"""What the current window is compared with: a profile of all of it, and its days over bins that stay."""

from collections.abc import Callable, Mapping
from typing import Self

import numpy as np
from numpy.typing import NDArray

from include.drift.chance import Days
from include.drift.columns import both
from include.drift.days import DayTable, counted, day_table, means
from include.drift.measures import measures
from include.drift.weighed import Column
from include.lake.cells import Floats
from include.lake.distance import bins_of
from include.lake.merging import merge
from include.lake.profile import Profile
from include.spec.contract import Frozen

Keep = Callable[[str], bool]  # of a partition key


class Reference(Frozen):
    """The days of a reference window.

    `prediction` are the days whose predictions are compared; `spread` those that tell how far the predictions of two
    weeks lie apart. A version's own are few held-out days for the one, and rows it learnt from for the other.
    """

    profile: Profile
    features: DayTable
    prediction: DayTable
    spread: DayTable

    @classmethod
    def of(
        cls,
        features: Mapping[str, Profile],
        prediction: Mapping[str, Profile],
        spread: Mapping[str, Profile] | None = None,
    ) -> Self:
        """From profiles of single days, by partition key and in order; each prediction's has one column."""
        whole, said = merge(features.values()), merge(prediction.values())
        return cls(
            profile=whole.model_copy(update={"columns": {**whole.columns, **said.columns}}),
            features=day_table(whole, features),
            prediction=day_table(said, prediction),
            spread=day_table(said, prediction if spread is None else spread),
        )

    def columns(self, names: tuple[str, ...], current: Mapping[str, Profile], keep: Keep) -> list[Column]:
        """The named columns beside the current days, which hold features and prediction; of the reference only the
        days to keep. BadData where a column cannot be compared."""
        days, whole = list(current.values()), merge(current.values())
        return [self._column(name, days, whole, keep) for name in names]

    def _column(self, name: str, days: list[Profile], whole: Profile, keep: Keep) -> Column:
        before, now = both(name, self.profile, whole)
        bins, own = bins_of(before), name in self.features.counts
        table = self.features if own else self.prediction
        kept = _kept(table, keep)
        spread, chosen = (table, kept) if own else (self.spread, np.full(len(self.spread.keys), True))
        compared = Days(
            reference=table.days(name)[kept],
            current=counted(name, bins, before, days),
            spread=spread.days(name)[chosen],
            reference_means=_means(table, name, kept),
            current_means=np.array(means(name, days)),
            spread_means=_means(spread, name, chosen),
        )
        return Column(name, compared, measures(before, now, bins))


def _kept(table: DayTable, keep: Keep) -> NDArray[np.bool_]:
    """All days where none is to be kept: then there is nothing alike to compare with."""
    chosen = np.array([keep(key) for key in table.keys])
    return chosen if chosen.any() else np.full(len(chosen), True)


def _means(table: DayTable, name: str, chosen: NDArray[np.bool_]) -> Floats | None:
    return np.array(table.means[name])[chosen] if name in table.means else None
