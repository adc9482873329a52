"""
# Score

Scores each admitted partition with the champion.

**Starts** when a partition is admitted; the key of the run is the partition's. **Produces** a file of predictions in
the lake, with the version and an id per prediction, and an asset event with the key. Running it again writes the same
file.

**When it is skipped**: there is no champion yet. Train and release one, then trigger the run again with its key.
"""

from airflow.sdk import DAG, PartitionedAssetTimetable

from include.assets import admitted_partition, predictions
from include.defaults import dag_defaults
from include.spec import ModelSpec
from plugins.declared import declared_models
from plugins.notifiers.loop import telling
from plugins.operators.step import heavy_step


def score(model: ModelSpec) -> DAG:
    """The scoring Dag of one model."""
    with DAG(
        f"score_{model.name}",
        schedule=PartitionedAssetTimetable(assets=admitted_partition(model.dataset)),
        doc_md=__doc__,
        max_active_runs=4,
        **dag_defaults(model.owner, "score", model.name, calls=telling(model)),
    ) as dag:
        heavy_step(
            model,
            step="score",
            task_id="score_partition",
            arguments={"key": "{{ partition_key }}"},
            outlets=[predictions(model.name)],
        )
    return dag


for each_model in declared_models("score"):
    score(each_model)
