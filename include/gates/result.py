"""What a gate decided, with the numbers it decided on."""

from typing import Literal

from include.spec.contract import Frozen

Status = Literal["pass", "fail", "inconclusive", "error"]


class GateResult(Frozen):
    """One decision. Only `pass` lets a challenger on; `error` means it could not be measured."""

    gate: str
    status: Status
    observed: float | None
    threshold: float | None
    lower: float | None = None
    upper: float | None = None
    sentence: str

    @property
    def passed(self) -> bool:
        """Whether the challenger may go on."""
        return self.status == "pass"
