"""
# Watch served

Looks at what the REST service answered: compares the features as served and the champion's answers with what it was
trained on, measures it where labels came back, and asks for training, holds a canary or rolls back as the verdicts on
scored partitions do.

**Starts** every night at 00:40 UTC; the key of the run is the day that ended. What is served belongs to the day of the
clock on which it was answered, whatever day of data it asks about, and no partition lands when somebody asks. By then
the roller has brought the day's records to the lake; a day whose records come later is read again when it is run again.
**Produces** verdicts on drift, on the wholeness of the day and on performance, and at times a request for training.

**What to do**: open the *Evidence* of a task. A model that nobody asked is skipped; a skipped `request_training` says
why nothing follows.
"""

from airflow.sdk import DAG, CronPartitionTimetable

from include.assets import training_request
from include.defaults import dag_defaults
from include.spec import ModelSpec
from plugins.declared import declared_models
from plugins.notifiers.loop import telling
from plugins.operators.step import StepOperator


def watch_served(model: ModelSpec) -> DAG:
    """The Dag that watches what the service answers for one model."""
    with DAG(
        f"watch_served_{model.name}",
        schedule=CronPartitionTimetable("40 0 * * *", timezone="UTC", run_offset=-1, key_format="%Y-%m-%d"),
        doc_md=__doc__,
        max_active_runs=1,  # verdicts are made in order: what follows depends on their history
        **dag_defaults(model.owner, "watch", model.name, calls=telling(model)),
    ) as dag:
        day = {"day": "{{ partition_key }}"}
        assess = StepOperator(task_id="assess", step="assess-served", target=model.name, arguments=day)
        measure = StepOperator(task_id="measure_performance", step="measure-served", target=model.name, arguments=day)
        request_training = StepOperator(
            task_id="request_training",
            step="apply-served-policy",
            target=model.name,
            arguments=day,
            outlets=[training_request(model.name)],
        )
        [assess, measure] >> request_training
    return dag


for each_model in declared_models("watch_served"):
    watch_served(each_model)
