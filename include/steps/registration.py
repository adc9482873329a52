"""The steps between the gates and the release: override a gate, register or refuse the challenger."""

from include.evaluation import evidence
from include.registry import runs
from include.release import override as overriding
from include.release import registration
from include.spec import load_model
from include.steps.place import lake, ledger
from include.steps.step import Result


def override(model: str, run: str, gate: str, reason: str, actor: str) -> Result:
    """Lets one run on against what one gate said, by name and with a reason. `register` has to follow."""
    given = overriding.override(load_model(model), run, gate, actor, reason, ledger())
    return Result(
        sentence=f"Gate '{gate}' of {model} (run {run[:8]}), {given.outcome}, overridden by {actor}: {reason}",
        facts={"run": run, "gate": gate},
        evidence=evidence.gate_file(model, run, gate),
    )


def register(model: str, run: str) -> Result:
    """Registers the challenger if every gate passed or was overridden, else records the refusal. Writes the card."""
    made = registration.register(load_model(model), run, lake(), ledger())
    return Result(
        sentence=f"{model} v{made.version.version} registered as challenger: {made.sentence}",
        announces=(made.version.version,),
        facts={"version": made.version.version, "run": run},
        evidence=made.card,
        links={"MLflow run": runs.run_url(run)},
    )
