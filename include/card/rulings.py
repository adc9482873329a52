"""What the gates of one run come to: each gate's newest decision, and the override that answers it."""

from collections.abc import Sequence
from dataclasses import dataclass

from include.gates.result import GateResult
from include.ledger import Decision, Ledger, Override
from include.spec import ModelSpec


@dataclass(frozen=True)
class Ruling:
    """One gate on one run. `result` is None where the gate was never decided: nobody can override that."""

    gate: str
    result: GateResult | None
    override: Override | None = None

    @property
    def accepted(self) -> bool:
        """Whether the gate lets the challenger on: it passed, or a person overrode what it said."""
        return self.result is not None and (self.result.passed or self.override is not None)

    @property
    def outcome(self) -> str:
        """In one word, as people read it."""
        if self.result is None:
            return "not decided"
        return "overridden" if self.override else self.result.status

    @property
    def words(self) -> str:
        """What the gate said, with its name.

        Example: absolute_floor: fail, auc 0.5312, required >= 0.6, on 9000 held-out rows
        """
        return f"{self.gate}: {f'{self.result.status}, {self.result.sentence}' if self.result else 'not decided'}"


def accepted_because(found: Sequence[Ruling]) -> str:
    """Why a run was let on by all its gates, in one sentence: what it passed, who overrode what and why.

    Example: passed absolute_floor, not_degenerate; overridden champion_comparison (fail) by ann: the fleet was renewed
    """
    passed = ", ".join(one.gate for one in found if one.override is None)
    overridden = [
        f"overridden {one.gate} ({one.outcome}) by {one.actor}: {one.reason}"
        for one in (ruling.override for ruling in found)
        if one
    ]
    return "; ".join([*([f"passed {passed}"] if passed else []), *overridden])


def rulings(spec: ModelSpec, run_id: str, ledger: Ledger) -> tuple[Ruling, ...]:
    """Every gate of the model, in the order they are shown, by what the ledger says of the run."""
    return tuple(ruling(spec.name, run_id, gate, ledger) for gate in spec.gates.names)


def ruling(model: str, run_id: str, gate: str, ledger: Ledger) -> Ruling:
    """One gate's newest decision on a run, with the newest override that answers this very decision."""
    subject = f"{run_id}/{gate}"
    decided = ledger.decisions(model, kind="gate", subject=subject)
    if not decided:
        return Ruling(gate, None)
    result = GateResult.model_validate_json(decided[-1].detail)
    return Ruling(gate, result, _answer(result, ledger.decisions(model, kind="override", subject=subject)))


def _answer(result: GateResult, given: Sequence[Decision]) -> Override | None:
    if result.passed:
        return None
    for decision in reversed(given):
        override = Override.model_validate_json(decision.detail)
        if override.answers(result.status, result.sentence):
            return override
    return None
