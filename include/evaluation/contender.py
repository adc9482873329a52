"""Who is judged: challenger and champion, each asked as it was trained."""

from dataclasses import dataclass
from typing import Self

import pyarrow as pa
from sklearn.pipeline import Pipeline

from include.features.matrix import Floats, feature_frame
from include.ledger import Ledger
from include.registry import registry, runs
from include.registry.manifest import Manifest
from include.spec import ModelSpec, Target
from include.training.predictions import predict


@dataclass(frozen=True)
class Contender:
    """A model under judgement. `spec` has the features it was trained on, `version` is None for the challenger."""

    version: str | None
    spec: ModelSpec
    made: Manifest
    pipeline: Pipeline

    @classmethod
    def challenger(cls, spec: ModelSpec, made: Manifest) -> Self:
        """The model that the run fitted."""
        return cls(None, as_trained(spec, made), made, runs.load_fitted(made))

    @classmethod
    def champion(cls, spec: ModelSpec, ledger: Ledger) -> Self | None:
        """The model that serves now, None before the first promotion."""
        deployed = ledger.champion(spec.name)
        if deployed is None:
            return None
        wanted = registry.version(spec.name, deployed.version)
        made = runs.manifest(wanted.run_id)
        return cls(deployed.version, as_trained(spec, made), made, registry.load(wanted))

    def predict(self, table: pa.Table) -> Floats:
        """What it says about rows that have its columns."""
        return predict(self.spec, self.pipeline, feature_frame(table, self.spec))

    def problem(self, spec: ModelSpec) -> str | None:
        """Why it cannot be scored on the rows of today's declaration, None where it can.

        A champion of other features is scored on its own, as long as the contract still has them.
        """
        made, name = self.made, f"champion v{self.version}"
        if (made.task, made.target) != (spec.task, spec.target):
            return (
                f"{name} answers another question: {made.task} {_said(made.target)}, and model.yaml now asks for "
                f"{spec.task} {_said(spec.target)}. Override this gate with a reason, if the question is to change"
            )
        lost = [one for one in made.features.names if one not in spec.contract.columns and one not in made.windows]
        if lost:
            return (
                f"{name} needs {', '.join(lost)}, which the contract no longer has. Declare the column again, "
                "or override this gate with a reason"
            )
        other = [one for one, feature in made.windows.items() if spec.windows.get(one, feature) != feature]
        if other:
            return (
                f"{name} was trained with another {', '.join(other)} than features.yaml now declares. Give what means "
                "something else another name, so that both can be computed, or override this gate with a reason"
            )
        return None


def as_trained(spec: ModelSpec, made: Manifest) -> ModelSpec:
    """The declaration with the question and the features the version was trained on."""
    asked = {"task": made.task, "target": made.target, "features": made.features, "windows": made.windows}
    return spec.model_copy(update=asked)


def _said(target: Target) -> str:
    above = "" if target.above is None else f" above {target.above:g}"
    classes = f" of {', '.join(target.classes)}" if target.classes else ""
    return f"{target.column}{above}{classes}"
