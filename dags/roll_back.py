"""
# Roll back

Restores a former champion at once. Trigger it by hand: choose the model, the version (empty: the one before the present
champion) and give the reason. Who, when and why are kept in the ledger. Every replica of the service follows within
seconds; how long the last one took is in the result. `tell_incident` gathers what it was about: a page, its data, and a
post-mortem to fill in.

**When it fails**: the message names the versions that can be restored.
"""

from airflow.sdk import DAG, Param

from include.defaults import dag_defaults
from plugins.by_hand import ASKED, a_model, answered, asking
from plugins.operators.step import StepOperator

with DAG(
    "roll_back",
    schedule=None,
    params=asking(
        model=a_model("the model to roll back"),
        to_version=Param(None, type=["null", "string"], description="empty: the previous champion"),
    ),
    doc_md=__doc__,
    max_active_runs=1,
    **dag_defaults("perennial", "roll_back"),
):
    roll_back = StepOperator(
        task_id="roll_back",
        step="roll-back",
        target="{{ params.model }}",
        arguments=answered(to="{{ params.to_version or '' }}", since=ASKED),
    )
    roll_back >> StepOperator(task_id="tell_incident", step="tell-incident", target="{{ params.model }}")
