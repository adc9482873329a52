"""How long it takes until every replica of the service follows a change, and which ones do not."""

import time
from datetime import datetime, timedelta

from include.ledger import Ledger
from include.spec.frozen import Frozen

PATIENCE_SECONDS = 10.0
POKE_SECONDS = 0.1


class Followed(Frozen):
    """Seconds from a decision to the moment each replica served it, by replica; `missing` did not in time."""

    seconds: dict[str, float]
    missing: tuple[str, ...] = ()

    @property
    def last(self) -> float | None:
        """Until the last of those that followed; None where no replica serves the model."""
        return max(self.seconds.values(), default=None)

    @property
    def sentence(self) -> str:
        """In words."""
        if not self.seconds and not self.missing:
            return "no replica of the service serves it"
        told = f"{len(self.seconds)} replicas follow" + (f" after {self.last:.2f} s" if self.last is not None else "")
        return told + (f"; {', '.join(self.missing)} did not follow" if self.missing else "")


def follow(
    model: str, sequence: int, decided_at: datetime, ledger: Ledger, patience: float = PATIENCE_SECONDS
) -> Followed:
    """Waits until those that served before follow the routing `sequence` or left; gives up after `patience` seconds.

    A replica that was killed just before can say nothing any more: it is named as missing.
    """
    waited_for, deadline = _serving(model, decided_at, ledger), time.monotonic() + patience
    while True:
        words = {one.replica: one for one in reversed(ledger.followed(model, sequence))}  # the first word of each
        left = {one.replica for one in ledger.replicas(model) if one.version is None}
        missing = waited_for - set(words) - left
        if not missing or time.monotonic() > deadline:
            break
        time.sleep(POKE_SECONDS)
    seconds = {
        name: max((word.recorded_at - decided_at).total_seconds(), 0.0)
        for name, word in words.items()
        if word.version is not None
    }
    return Followed(seconds=dict(sorted(seconds.items())), missing=tuple(sorted(missing)))


def _serving(model: str, decided_at: datetime, ledger: Ledger) -> set[str]:
    """The replicas that serve the model. One that did not follow what was decided long before is dead or lost."""
    before = decided_at - timedelta(seconds=PATIENCE_SECONDS)
    known = sum(
        max((one.sequence for one in changes if one.recorded_at <= before), default=0)
        for changes in (ledger.deployments(model), ledger.rollouts(model))
    )
    return {one.replica for one in ledger.replicas(model) if one.version is not None and one.sequence >= known}
