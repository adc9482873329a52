"""
# Judge a quarantined partition

Settles what becomes of a partition that ingest kept out. Trigger it by hand: give its key, choose what to do, and say
why. Who, when and why are kept in the ledger.

- **judge again**: the contract was corrected. The same data is judged once more; it need not land again.
- **accept**: it is admitted as it is, whatever rules it breaks. It must have the contract's columns and types.
- **discard**: its data is deleted; the evidence stays.

**Produces** an asset event for the key, if the partition is admitted now.

**When it fails**: a red task is a partition that still breaks rules; its *Evidence* shows which. Skipped: the partition
is not in quarantine.
"""

from airflow.sdk import DAG, Param

from include.assets import admitted_partition
from include.defaults import dag_defaults
from include.spec import ContractSpec
from plugins.by_hand import answered, asking
from plugins.declared import declared_contracts
from plugins.notifiers.loop import telling
from plugins.operators.step import StepOperator


def judge_quarantined(contract: ContractSpec) -> DAG:
    """The Dag that settles one dataset's quarantine."""
    with DAG(
        f"judge_quarantined_{contract.dataset}",
        schedule=None,
        params=asking(
            key=Param(type="string", minLength=1, description="the partition's key"),
            how=Param("judge again", type="string", enum=["judge again", "accept", "discard"]),
        ),
        doc_md=__doc__,
        max_active_runs=1,
        **dag_defaults(contract.owner, "ingest", contract.dataset, calls=telling(contract)),
    ) as dag:
        StepOperator(
            task_id="judge_quarantined",
            step="judge-quarantined",
            target=contract.dataset,
            arguments=answered("key", "how"),
            outlets=[admitted_partition(contract.dataset)],
        )
    return dag


for each_contract in declared_contracts("judge_quarantined"):
    judge_quarantined(each_contract)
