"""
# Backfill

Does what is missing of past days: admits what landed and was not judged, and has each champion score what it has not
scored.

**Starts** with *Trigger*, *Backfill* and a range of days (or `airflow backfill create`), one run per day, as many at
once as the form says; or for one day with its key. Never by itself. **Produces** partitions and predictions, and no
asset event: no other Dag starts, nothing is watched, no training is asked for.

**When it fails**: a red `admit_missing` is a quarantined partition; the other days go on. What is skipped was done
before or is not there. Cut off or cancelled, it is started again with *Reprocess failed*: only the rest is done.
"""

from datetime import UTC, datetime

from airflow.sdk import DAG, CronPartitionTimetable

from include.defaults import dag_defaults
from include.spec import ContractSpec
from plugins.declared import declared_contracts, models_of
from plugins.operators.step import StepOperator, heavy_step


def backfill(contract: ContractSpec) -> DAG:
    """The backfill Dag of one dataset."""
    with DAG(
        f"backfill_{contract.dataset}",
        schedule=CronPartitionTimetable("0 0 * * *", timezone="UTC", key_format=contract.partition_format),
        end_date=datetime(1970, 1, 1, tzinfo=UTC),  # only what has a calendar can be backfilled; this one is over
        doc_md=__doc__,
        max_active_runs=4,
        **dag_defaults(contract.owner, "backfill", contract.dataset),
    ) as dag:
        key = {"key": "{{ partition_key }}"}
        admit_missing = StepOperator(
            task_id="admit_missing", step="admit-missing", target=contract.dataset, arguments=key
        )
        for model in models_of(contract.dataset):
            admit_missing >> heavy_step(
                model,
                step="score-missing",
                task_id=f"score_{model.name}",
                arguments=key,
                trigger_rule="none_failed",  # a day that was admitted before is still to be scored
            )
    return dag


for each_contract in declared_contracts("backfill"):
    backfill(each_contract)
