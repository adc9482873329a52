"""What the online store is made of: the data it knows, and the moments it can answer for."""

from typing import Self

import pyarrow as pa

from include.features.feast_store import CLOCK, DATASET, FeatureRepository
from include.spec import ContractSpec, WindowFeature
from include.spec.contract import Frozen
from include.spec.windows import microseconds


class Clock(Frozen):
    """Partition `key` is the newest the store knows, `newest` its newest event; before `since` it says nothing.

    Moments are microseconds since 1970. `snapshot` is the id of all that was read, `definitions` what it was read for.
    """

    since: int
    newest: int
    snapshot: str
    key: str
    definitions: str

    @classmethod
    def read(cls, contract: ContractSpec, repository: FeatureRepository) -> Self | None:
        """The clock of the dataset, None while nothing was materialised."""
        asked = pa.table({"dataset": [contract.dataset]})
        [row] = repository.read(DATASET, asked, list(CLOCK)).select(list(CLOCK)).to_pylist()
        return None if row["snapshot"] is None else cls.model_validate(row)

    def until(self, feature: WindowFeature) -> int:
        """The last moment the feature can be told for: what a later one looks at has not landed yet.

        The step of the newest event counts as complete.
        """
        step = microseconds(feature.step)
        return (self.newest // step + 1) * step + (microseconds(feature.known_after) if feature.known_after else 0)
