"""
# Materialise features

Fills the online store of Feast with the window features of a dataset, as its newest admitted partition makes them.

**Starts** when a partition is admitted; the key of the run is the partition's. **Produces** the state of every entity
in the online store, from which serving makes the same numbers as training does, and an asset event with the key. It
follows from the lake alone: of many partitions at once the first run does the work.

**When it fails**: the online store did not answer. The task tries again; nothing is lost, and while it is behind,
serving is told that a feature is missing, never an old one.
"""

from airflow.sdk import DAG, PartitionedAssetTimetable

from include.assets import admitted_partition, materialised_features
from include.defaults import dag_defaults
from include.spec import ContractSpec
from plugins.declared import declared_contracts_with_features
from plugins.operators.step import StepOperator


def materialise_features(contract: ContractSpec) -> DAG:
    """The materialising Dag of one dataset."""
    with DAG(
        f"materialise_features_{contract.dataset}",
        schedule=PartitionedAssetTimetable(assets=admitted_partition(contract.dataset)),
        doc_md=__doc__,
        max_active_runs=1,
        **dag_defaults(contract.owner, "features", contract.dataset),
    ) as dag:
        StepOperator(
            task_id="materialise",
            step="materialise-features",
            target=contract.dataset,
            arguments={"key": "{{ partition_key }}"},
            outlets=[materialised_features(contract.dataset)],
        )
    return dag


for each_contract in declared_contracts_with_features("materialise_features"):
    materialise_features(each_contract)
