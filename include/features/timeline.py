"""The one function behind every window feature, offline and online: what an entity's window holds at a moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from include.features.changes import COUNT, MOMENT, TOTAL, Whole, require_exact
from include.features.entities import Entities
from include.spec import ContractSpec, WindowFeature

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Timeline:
    """What the windows of entities held, and since when.

    The moments of entity i lie from `offsets[i]` to `offsets[i + 1]`, in order; `counts` and `totals` hold from each
    moment to the next. Before its first moment a window is empty.
    """

    entities: Entities
    offsets: Whole
    moments: Whole
    counts: Whole
    totals: Whole

    @classmethod
    def of(cls, name: str, by: Sequence[str], changed: Sequence[pa.Table]) -> Self:
        """The timeline of the changes of several partitions; the order in which they come says nothing."""
        table = pa.concat_tables(changed, promote_options="permissive")
        entities, codes = Entities.of(table.select(list(by)))
        moments, counts, totals = (table[column].to_numpy() for column in (MOMENT, COUNT, TOTAL))
        require_exact(name, totals)
        order = np.lexsort((moments, codes))
        codes, moments = codes[order], moments[order]
        first = np.flatnonzero(np.diff(codes, prepend=-1) | np.diff(moments, prepend=0))
        codes, moments = codes[first], moments[first]
        # what enters a window also leaves it, so that each entity's changes come to nothing before the next entity's
        counts, totals = (np.cumsum(_summed(one[order], first)) for one in (counts, totals))
        offsets = np.searchsorted(codes, np.arange(len(entities) + 1))
        return cls(entities, offsets, moments, counts, totals)

    def at(self, codes: Whole, moments: Whole) -> tuple[Whole, Whole]:
        """Count and total in the window of each entity (its code, -1 if unknown) at each moment, in whole steps."""
        places = self.places(codes, moments)
        found = places >= 0
        counts, totals = np.zeros_like(places), np.zeros_like(places)
        counts[found], totals[found] = self.counts[places[found]], self.totals[places[found]]
        return counts, totals

    def places(self, codes: Whole, moments: Whole) -> Whole:
        """Where the newest change of each entity's window up to each moment stands, -1 where there is none."""
        if not len(self.moments):
            return np.full(len(codes), -1)
        low, width = int(self.moments.min()), int(np.ptp(self.moments)) + 2
        owner = np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))
        asked = codes * width + np.clip(moments - low + 1, 0, width - 1)
        places = np.searchsorted(owner * width + (self.moments - low + 1), asked, side="right") - 1
        return np.where((codes >= 0) & (places >= self.offsets[np.maximum(codes, 0)]), places, -1)


def _summed(values: Whole, first: Whole) -> Whole:
    """The sums of the runs that begin at `first`."""
    return np.add.reduceat(values, first) if len(first) else values[:0]


def values(feature: WindowFeature, contract: ContractSpec, counts: Whole, totals: Whole) -> Floats:
    """The feature from what its window holds; NaN is a mean or a rate of nothing."""
    of = contract.columns[feature.of] if feature.of is not None else None
    one = float(10**feature.decimals) if of is not None and of.type == "float" and feature.above is None else 1.0
    if feature.aggregate == "count":
        return counts.astype(np.float64)
    if feature.aggregate == "sum":
        return totals / one
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(counts > 0, totals / (counts * one), np.nan)
