"""
# Override

Lets one challenger on against what one gate said. Trigger it by hand: name the run (its `register` task names it), the
gate, and a reason of at least three words. It holds for that run and what the gate said then; who, when and why stay on
the model card, the board and the version.

**Produces** a registered challenger, if every other gate passed or was overridden too. A person is asked before it
becomes champion, even where model.yaml asks nobody.

**When it fails**: a red `override` names what is wrong: the gate passed, or was never decided on that run. A skipped
`register` names the gates that still refuse.
"""

from airflow.sdk import DAG, Param

from include.assets import challenger
from include.defaults import dag_defaults
from include.spec import ModelSpec
from plugins.by_hand import answered, asking
from plugins.declared import declared_models
from plugins.operators.step import StepOperator


def override(model: ModelSpec) -> DAG:
    """The Dag with which people override a gate of one model."""
    with DAG(
        f"override_{model.name}",
        schedule=None,
        params=asking(
            run=Param(type="string", minLength=1, description="MLflow run id of the fit"),
            gate=Param(type="string", enum=list(model.gates.names), description="the gate to override"),
        ),
        doc_md=__doc__,
        max_active_runs=1,
        **dag_defaults(model.owner, "override", model.name),
    ) as dag:
        override_gate = StepOperator(
            task_id="override",
            step="override",
            target=model.name,
            arguments=answered("run", "gate"),
        )
        register = StepOperator(
            task_id="register",
            step="register",
            target=model.name,
            arguments={"run": "{{ params.run }}"},
            outlets=[challenger(model.name)],
        )
        override_gate >> register
    return dag


for each_model in declared_models("override"):
    override(each_model)
