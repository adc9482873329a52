"""
# Release

Makes a challenger champion: it loads, answers as it was judged, and a person agrees where the owner wants one or a
gate was overridden.

**Starts** when a challenger is registered; the key of the run is its version. **Produces** a new champion: the ledger
is moved by compare-and-set, the registry's alias follows and is read back.

**When it waits**: `approve` asks in the *Required Actions* tab, with the core of the model card and a link to all of
it. No answer in time is a rejection.

**When it fails**: a red `promote` says who moved the champion meanwhile; request a training, so that the challenger is
judged anew. A red `smoke_test` means the model file is not the one that was judged: do not release it.
"""

from airflow.sdk import DAG, PartitionedAssetTimetable

from include.assets import challenger
from include.defaults import dag_defaults
from include.spec import ModelSpec
from plugins.declared import declared_models
from plugins.notifiers.loop import telling
from plugins.operators.approval import ApproveReleaseOperator
from plugins.operators.step import StepOperator


def release(model: ModelSpec) -> DAG:
    """The release Dag of one model."""
    with DAG(
        f"release_{model.name}",
        schedule=PartitionedAssetTimetable(assets=challenger(model.name)),
        doc_md=__doc__,
        max_active_runs=1,
        **dag_defaults(model.owner, "release", model.name, calls=telling(model)),
    ) as dag:
        version = "{{ partition_key }}"
        smoke_test = StepOperator(
            task_id="smoke_test", step="smoke-test", target=model.name, arguments={"version": version}
        )
        approve = ApproveReleaseOperator(
            task_id="approve",
            model=model,
            version=version,
            overridden="{{ ti.xcom_pull('smoke_test')['overridden'] }}",
            subject=f"Make {model.name} v{version} champion?",
            body="{{ ti.xcom_pull('smoke_test')['summary'] }}",
        )
        promote = StepOperator(
            task_id="promote",
            step="promote",
            target=model.name,
            arguments={
                "version": version,
                "actor": "{{ ti.xcom_pull('approve')['actor'] }}",
                "reason": "{{ ti.xcom_pull('approve')['reason'] }}",
                "approval": "{{ ti.xcom_pull('approve')['approval'] }}",
            },
        )
        smoke_test >> approve >> promote
    return dag


for each_model in declared_models("release"):
    release(each_model)
