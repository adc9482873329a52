"""
# Watch

Looks at the newest window of data and predictions, compares it with what the champion was trained on, measures the
champion on the days whose labels are in, and asks for training when the verdicts call for it.

**Starts** when a partition was scored; the key of the run is the partition's. **Produces** two verdicts (ok, warn,
alert, critical), on drift and on performance, a report to look at, and at times a request for training with its reason.

**What to do**: open the *Evidence* of `report`. A skipped `request_training` says why nothing follows.
"""

from airflow.sdk import DAG, PartitionedAssetTimetable

from include.assets import predictions, training_request
from include.defaults import dag_defaults
from include.spec import ModelSpec
from plugins.declared import declared_models
from plugins.notifiers.loop import telling
from plugins.operators.step import StepOperator, heavy_step


def watch(model: ModelSpec) -> DAG:
    """The watching Dag of one model."""
    with DAG(
        f"watch_{model.name}",
        schedule=PartitionedAssetTimetable(assets=predictions(model.name)),
        doc_md=__doc__,
        max_active_runs=1,  # verdicts are made in order: what follows depends on their history
        **dag_defaults(model.owner, "watch", model.name, calls=telling(model)),
    ) as dag:
        key = {"key": "{{ partition_key }}"}
        assess = StepOperator(task_id="assess", step="assess", target=model.name, arguments=key)
        measure = StepOperator(
            task_id="measure_performance", step="measure-performance", target=model.name, arguments=key
        )
        report = heavy_step(model, step="report", task_id="report", arguments=key)
        request_training = StepOperator(
            task_id="request_training",
            step="apply-policy",
            target=model.name,
            arguments=key,
            outlets=[training_request(model.name)],
        )
        assess >> report
        [assess, measure] >> request_training
    return dag


for each_model in declared_models("watch"):
    watch(each_model)
