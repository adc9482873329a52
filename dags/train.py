"""
# Train

Makes a challenger and judges it against the champion on the same held-out rows.

**Starts** when a training is requested: by schedule, by the watch, by hand (with the day, or without one for the newest
data) or by an asset event over REST. Requests queue; one training runs at a time.

**Produces** a registered version with the alias `challenger`, or a recorded refusal. Each gate is a task of its own:
green passed, skipped refused (its log and *Evidence* say why), red could not be measured.

**When it fails**: a red `fit` or `evaluate` names the missing data. A skipped `register` is no failure: the champion
stays.
"""

from airflow.sdk import DAG, Param, PartitionedAssetTimetable

from include.assets import challenger, training_request
from include.defaults import dag_defaults
from include.spec import ModelSpec
from plugins.declared import declared_models
from plugins.notifiers.loop import telling
from plugins.operators.step import StepOperator, heavy_step
from plugins.sensors.training_data import AwaitTrainingDataSensor


def train(model: ModelSpec) -> DAG:
    """The training Dag of one model."""
    with DAG(
        f"train_{model.name}",
        schedule=PartitionedAssetTimetable(assets=training_request(model.name)),
        params={"as_of": Param(None, type=["null", "string"], format="date", description="stand on this day")},
        doc_md=__doc__,
        max_active_runs=1,
        **dag_defaults(model.owner, "train", model.name, calls=telling(model)),
    ) as dag:
        as_of, run = "{{ ti.xcom_pull('await_data') }}", "{{ ti.xcom_pull('fit')['run'] }}"
        await_data = AwaitTrainingDataSensor(
            task_id="await_data", model=model, as_of="{{ partition_key or params.as_of or '' }}"
        )
        fit = heavy_step(model, step="fit", task_id="fit", arguments={"as_of": as_of})
        evaluate = heavy_step(model, step="evaluate", task_id="evaluate", arguments={"run": run})
        gates = [  # no group: a folded one hides in the grid which gate refused
            StepOperator(task_id=gate, step="gate", target=model.name, arguments={"run": run, "gate": gate})
            for gate in model.gates.names
        ]
        register = StepOperator(
            task_id="register",
            step="register",
            target=model.name,
            arguments={"run": run},
            outlets=[challenger(model.name)],
            trigger_rule="none_failed",  # a refusing gate is skipped, and the refusal is still recorded
        )
        await_data >> fit >> evaluate >> gates >> register
    return dag


for each_model in declared_models("train"):
    train(each_model)
