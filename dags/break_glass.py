"""
# Break glass

Has the service answer without the model: trigger it by hand when a model does harm and there is no time to find out
why. The answer is a constant, `fallback` for the rule in the model's pipeline.py, or `mend`, after which the model
answers again. Who, when and why are kept in the ledger; every replica follows within seconds.

**When it fails**: the glass that is to be mended is not broken.
"""

from airflow.sdk import DAG, Param

from include.defaults import dag_defaults
from include.spec import load_models
from plugins.operators.step import StepOperator

with DAG(
    "break_glass",
    schedule=None,
    params={
        "model": Param(type="string", enum=sorted(load_models().models), description="the model that does harm"),
        "answer": Param("fallback", type="string", minLength=1, description="a constant, fallback, or mend"),
        "reason": Param(type="string", minLength=3, description="kept with the decision"),
    },
    doc_md=__doc__,
    max_active_runs=1,
    **dag_defaults("perennial", "break_glass"),
):
    StepOperator(
        task_id="break_glass",
        step="break-glass",
        target="{{ params.model }}",
        arguments={
            "answer": "{{ params.answer }}",
            "reason": "{{ params.reason }}",
            "actor": "{{ dag_run.triggering_user_name or 'airflow' }}",
        },
    )
