"""
# Check features

Replays the window features that a partition was scored with, and asks the online store for the same rows. Training,
scoring and serving have to see the same numbers, to the bit.

**Starts** when a partition is both scored and materialised; the key of the run is the partition's. **Produces** a
comparison in the ledger, with its evidence in the lake.

**When it fails**: a red `check` names the feature and how many rows differ. A day that was admitted late or again
changes what is read of the days after it: score and materialise those again. Otherwise rows are known later than
features.yaml says: declare the feature with a longer `known_after`, under another name.
"""

from airflow.sdk import DAG, PartitionedAssetTimetable

from include.assets import materialised_features, predictions
from include.defaults import dag_defaults
from include.spec import ModelSpec
from plugins.declared import declared_models
from plugins.operators.step import StepOperator


def check_features(model: ModelSpec) -> DAG:
    """The feature-checking Dag of one model."""
    with DAG(
        f"check_features_{model.name}",
        schedule=PartitionedAssetTimetable(assets=predictions(model.name) & materialised_features(model.dataset)),
        doc_md=__doc__,
        max_active_runs=1,
        **dag_defaults(model.owner, "features", model.name),
    ) as dag:
        StepOperator(
            task_id="check", step="check-features", target=model.name, arguments={"key": "{{ partition_key }}"}
        )
    return dag


for each_model in declared_models("check_features"):
    if each_model.windows:
        check_features(each_model)
