"""
# Request training

Asks for a training on the model's schedule, by default every Monday at six. The key of the run is the day the training
stands on; it sees the days before it. A request can also come from the watch, by hand, or as an asset event over REST.

**Produces** a request on the ledger and an asset event with the day as key; the *train* Dag takes it from there.
"""

from airflow.sdk import DAG, CronPartitionTimetable

from include.assets import training_request
from include.defaults import dag_defaults
from include.spec import ModelSpec
from plugins.declared import declared_models
from plugins.notifiers.loop import telling
from plugins.operators.step import StepOperator


def request_training(model: ModelSpec) -> DAG:
    """The Dag that asks for the regular training of one model."""
    with DAG(
        f"request_training_{model.name}",
        schedule=CronPartitionTimetable(str(model.training.schedule), timezone="UTC", key_format="%Y-%m-%d"),
        doc_md=__doc__,
        max_active_runs=1,
        **dag_defaults(model.owner, "train", model.name, calls=telling(model)),
    ) as dag:
        StepOperator(
            task_id="request_training",
            step="request-training",
            target=model.name,
            arguments={
                "as_of": "{{ partition_key }}",
                "reason": "regular training",
                "actor": "{{ dag_run.triggering_user_name or 'schedule' }}",
            },
            outlets=[training_request(model.name)],
        )
    return dag


for each_model in declared_models("request_training"):
    if each_model.training.schedule:
        request_training(each_model)
