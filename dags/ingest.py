"""
# Ingest

Admits new partitions of a dataset, or quarantines them with evidence.

**Starts** when the watcher sees partitions in the landing zone that nobody has judged, and daily, so that a missed
event is caught up. **Produces** one asset event per admitted partition, with its key.

**When it fails**: a red `admit_partition` is a quarantined partition. Its *Evidence* link shows what was wrong. Have
the source fix it and land it again: it is judged anew by itself. Clearing the task does not change the verdict.
"""

from airflow.sdk import DAG, AssetOrTimeSchedule, CronTriggerTimetable

from include.assets import admitted_partition
from include.defaults import dag_defaults
from include.spec import ContractSpec
from plugins.declared import declared_contracts
from plugins.notifiers.loop import telling
from plugins.operators.step import StepOperator
from plugins.triggers.landing import landing_asset


def ingest(contract: ContractSpec) -> DAG:
    """The ingest Dag of one dataset."""
    daily = CronTriggerTimetable("0 4 * * *", timezone="UTC")
    with DAG(
        f"ingest_{contract.dataset}",
        schedule=AssetOrTimeSchedule(timetable=daily, assets=[landing_asset(contract)]),
        doc_md=__doc__,
        max_active_runs=1,
        **dag_defaults(contract.owner, "ingest", contract.dataset, calls=telling(contract)),
    ) as dag:
        find_partitions = StepOperator(task_id="find_partitions", step="find", target=contract.dataset)
        StepOperator.partial(
            task_id="admit_partition",
            step="admit",
            target=contract.dataset,
            outlets=[admitted_partition(contract.dataset)],
            map_index_template="{{ task.arguments['key'] }}",
        ).expand(arguments=find_partitions.output)
    return dag


for each_contract in declared_contracts("ingest"):
    ingest(each_contract)
