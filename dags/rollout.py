"""
# Rollout

What a person does to a version on its way to its users. Trigger it by hand: hold it, resume it, advance it one step,
abort it, or compare it (A/B) at a share until it is advanced or aborted. Who, when and why are kept in the ledger;
every replica of the service follows within seconds.

**When it fails**: the message says how the rollout stands, and why that cannot be done to it.
"""

from airflow.sdk import DAG, Param

from include.defaults import dag_defaults
from plugins.by_hand import ASKED, a_model, answered, asking
from plugins.operators.step import StepOperator

WAYS = ("hold", "resume", "advance", "abort", "compare")

with DAG(
    "rollout",
    schedule=None,
    params=asking(
        model=a_model("whose version is on its way"),
        how=Param("hold", type="string", enum=list(WAYS), description="what to do"),
        share=Param(0.5, type="number", exclusiveMinimum=0, maximum=1, description="of compare"),
    ),
    doc_md=__doc__,
    max_active_runs=1,
    **dag_defaults("perennial", "rollout"),
):
    StepOperator(
        task_id="steer",
        step="steer-rollout",
        target="{{ params.model }}",
        arguments=answered("how", "share", since=ASKED),
    )
