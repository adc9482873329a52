"""
# Break glass

Has the service answer without the model: trigger it by hand when a model does harm and there is no time to find out
why. The answer is a constant, `fallback` for the rule in the model's pipeline.py, or `mend`, after which the model
answers again. Who, when and why are kept in the ledger; every replica follows within seconds.

**When it fails**: the glass that is to be mended is not broken.
"""

from airflow.sdk import DAG, Param

from include.defaults import dag_defaults
from plugins.by_hand import a_model, answered, asking
from plugins.operators.step import StepOperator

with DAG(
    "break_glass",
    schedule=None,
    params=asking(
        model=a_model("the model that does harm"),
        answer=Param("fallback", type="string", minLength=1, description="a constant, fallback, or mend"),
    ),
    doc_md=__doc__,
    max_active_runs=1,
    **dag_defaults("perennial", "break_glass"),
):
    StepOperator(
        task_id="break_glass",
        step="break-glass",
        target="{{ params.model }}",
        arguments=answered("answer"),
    )
