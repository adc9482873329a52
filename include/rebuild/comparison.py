"""What a rebuild compares, and what came of it: plain facts, readable without the code that found them."""

from typing import Literal

from include.spec.contract import Frozen

Outcome = Literal["equal", "result differs", "inputs differ"]
REPEATS_NOT = (
    "all inputs are equal, so the pipeline does not repeat itself. Give random_state to everything that chance "
    "touches, and depend on no clock, no order of a set and no file outside the model's folder"
)


class Compared(Frozen):
    """One fact as it was recorded and as it is found now.

    A model cannot be made again where a `binding` one differs. One that is not may change a result and need not:
    another processor often gives the same bits.
    """

    name: str
    recorded: str
    found: str
    binding: bool = True

    @property
    def equal(self) -> bool:
        """Whether nothing changed."""
        return self.recorded == self.found

    def __str__(self) -> str:
        if self.equal:
            return f"  equal    {self.name}: {self.recorded}"
        return f"  differs  {self.name}: recorded {self.recorded}, found {self.found}"


def stops(inputs: tuple[Compared, ...]) -> bool:
    """Whether an input differs without which nothing can be compared."""
    return any(one.binding and not one.equal for one in inputs)


class Rebuilt(Frozen):
    """What the code of the model's own commit found: every input, and the results if it fitted.

    This is what one commit answers another, so keys may be added but never change their meaning.
    """

    inputs: tuple[Compared, ...]
    predictions_hash: str = ""
    content_hash: str = ""
    rows: int = 0


class Reproduction(Frozen):
    """The comparison of one version with its rebuild, as the ledger keeps it."""

    model: str
    version: str
    run_id: str
    commit: str
    inputs: tuple[Compared, ...]
    results: tuple[Compared, ...]
    rows: int
    remark: str = ""

    @property
    def outcome(self) -> Outcome:
        """Equal where the model was made again and every result is the recorded one."""
        if not self.results:
            return "inputs differ"
        return "equal" if all(one.equal for one in self.results) else "result differs"

    @property
    def sentence(self) -> str:
        """What came of it."""
        others = ", ".join(one.name for one in self.inputs if not one.equal)
        if self.outcome == "inputs differ":
            return f"{self.model} v{self.version} was not made again, because inputs differ: {others}"
        made = f"{self.model} v{self.version} was made again from commit {self.commit[:12]}"
        if self.outcome == "equal":
            but = f", although these differ: {others}" if others else ""
            return f"{made}: the model and its {self.rows} held-out predictions are equal, bit for bit{but}"
        wrong = ", ".join(one.name for one in self.results if not one.equal)
        why = f"the cause may be what else differs: {others}" if others else REPEATS_NOT
        return f"{made} with another result ({wrong}{self.remark}): {why}"

    @property
    def report(self) -> str:
        """The sentence, and each fact on a line."""
        return "\n".join([f"{self.sentence}.", *map(str, self.inputs), *map(str, self.results)])
