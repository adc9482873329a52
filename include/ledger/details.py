"""What the detail of a decision holds, by its kind: who overrode a gate, and what a promotion stood on."""

from typing import Literal

from include.ledger.records import Moment
from include.spec.contract import Frozen

Approval = Literal["person", "policy"]


class Override(Frozen):
    """A gate that a person overrode for one run: what it had said, who lets the challenger on all the same, and why.

    It answers what the gate said then, `outcome` and `sentence`.
    """

    run_id: str
    gate: str
    outcome: str
    sentence: str
    actor: str
    reason: str
    recorded_at: Moment

    def answers(self, outcome: str, sentence: str) -> bool:
        """Whether this is what was overridden: nobody has seen what the gate says since it was decided anew."""
        return (self.outcome, self.sentence) == (outcome, sentence)


class Promotion(Frozen):
    """Who or what made which model file champion, on which evidence, in the place of which champion.

    `model_hash` and `evidence_sha256` are SHA-256 in hex, of the model file and of the file at `evidence` in the lake.
    `gates` has each gate's outcome by name. `approval` says whether a person agreed or model.yaml asks for nobody.
    """

    model: str
    version: str
    run_id: str
    model_hash: str
    evidence: str
    evidence_sha256: str
    gates: dict[str, str]
    overrides: tuple[Override, ...]
    replaces: str | None
    actor: str
    reason: str
    approval: Approval
    recorded_at: Moment
