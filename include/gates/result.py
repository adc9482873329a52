"""What a gate decided, with every value it looked at."""

import math
from collections.abc import Sequence
from typing import Literal, Self

from include.evaluation.history import Comparison
from include.spec.contract import Measured

Status = Literal["pass", "fail", "inconclusive", "error"]
ROUNDING = 1e-9  # what is smaller is shown as nothing
WORST_FIRST: tuple[Status, ...] = ("error", "fail", "inconclusive", "pass")


class Check(Measured):
    """One measured value against one threshold. `error` means it could not be measured."""

    name: str
    status: Status
    observed: float | None = None
    threshold: float | None = None
    lower: float | None = None
    upper: float | None = None
    sentence: str

    @classmethod
    def at_most(cls, name: str, observed: float, threshold: float, what: str) -> Self:
        """Passes up to the threshold and with it; what is no number could not be measured."""
        if not math.isfinite(observed):
            sentence = f"{what} could not be measured, required <= {threshold:g}"
            return cls(name=name, status="error", threshold=threshold, sentence=sentence)
        shown = f"{observed:.3g}" if abs(observed) > ROUNDING else "0"
        sentence = f"{what} is {shown}, required <= {threshold:g}"
        status: Status = "pass" if observed <= threshold else "fail"
        return cls(name=name, status=status, observed=observed, threshold=threshold, sentence=sentence)


class GateResult(Measured):
    """One decision. Only `pass` lets a challenger on. `comparison` is what a test against the champion has spent."""

    gate: str
    status: Status
    sentence: str
    checks: tuple[Check, ...]
    comparison: Comparison | None = None

    @classmethod
    def of(cls, gate: str, checks: Sequence[Check]) -> Self:
        """The decision that follows from the checks: as bad as the worst, in the words of those that are as bad.

        A gate that checked nothing could not be measured.
        """
        if not checks:
            return cls.unmeasured(gate, "nothing was checked")
        status = min((one.status for one in checks), key=WORST_FIRST.index)
        said = [one.sentence for one in checks if one.status == status]
        return cls(gate=gate, status=status, sentence="; ".join(said), checks=tuple(checks))

    @classmethod
    def unmeasured(cls, gate: str, why: str, threshold: float | None = None) -> Self:
        """A gate whose evidence is missing or no number: it does not pass."""
        check = Check(name=gate, status="error", threshold=threshold, sentence=why)
        return cls(gate=gate, status="error", sentence=why, checks=(check,))

    @property
    def passed(self) -> bool:
        """Whether the challenger may go on."""
        return self.status == "pass"
