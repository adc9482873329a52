"""
# Silence

The dead man's switch. Asks the ledger, and nothing else, whether partitions and predictions came in their time, and
whether a training that was requested was made.

**Starts** every hour, by its own clock: it works where the source, the landing zone, ingest, scoring and the watch are
silent. **Produces** an alert where something did not come, and its end when it comes. It also sends again what could
not be sent.

**When it fails**: the ledger does not answer. Nothing else can stop it.
"""

from airflow.sdk import DAG, CronTriggerTimetable

from include.defaults import dag_defaults
from include.spec import load_models
from plugins.notifiers.loop import telling
from plugins.operators.step import StepOperator

with DAG(
    "silence",
    schedule=CronTriggerTimetable("23 * * * *", timezone="UTC"),
    doc_md=__doc__,
    max_active_runs=1,
    **dag_defaults("perennial", "silence"),
):
    declared = load_models()
    for contract in declared.contracts.values():
        StepOperator(
            task_id=f"partitions_{contract.dataset}",
            step="listen-for-partitions",
            target=contract.dataset,
            owner=contract.owner,
            **telling(contract),
        )
    for model in declared.models.values():
        StepOperator(
            task_id=f"predictions_{model.name}",
            step="listen-for-predictions",
            target=model.name,
            owner=model.owner,
            **telling(model),
        )
