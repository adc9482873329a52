"""
# Release

Makes a challenger champion: it loads, answers as it was judged, and a person agrees where the owner wants one or a
gate was overridden. Where model.yaml has `release.rollout`, it then reaches its users in steps: the service loads it
(`stage`), answers as it was judged over HTTP (`integration_test`), fast enough (`load_test`); after the approval it
answers in the `shadow`, then a growing part of the entities (`canary_5` …), and is promoted.

**Starts** when a challenger is registered; the key of the run is its version. **Produces** a new champion: the ledger
is moved by compare-and-set, the registry's alias follows and is read back.

**When it waits**: `approve` asks in the *Required Actions* tab, with the core of the model card and a link to all of
it. No answer in time is a rejection. `shadow` and `canary_…` wait for their verdict, deferred; the link *Evidence* and
the XCom `live` open their numbers. Hold, advance or abort it with the Dag `rollout`.

**When it is skipped**: a step was stopped by its verdict or aborted by a person; its users have the champion again.

**When it fails**: a red `promote` says who moved the champion meanwhile; request a training, so that the challenger is
judged anew. A red `smoke_test` means the model file is not the one that was judged: do not release it. A red
`integration_test` or `load_test` means that the service answers otherwise, or too slowly. Whatever happens, `settle`
takes a version away that nobody watches any more.
"""

from airflow.sdk import DAG, BaseOperator, PartitionedAssetTimetable, chain

from include.assets import challenger
from include.defaults import dag_defaults
from include.spec import ModelSpec
from plugins.declared import declared_models
from plugins.notifiers.loop import telling
from plugins.operators.approval import ApproveReleaseOperator
from plugins.operators.rollout import RolloutStepOperator
from plugins.operators.step import StepOperator

VERSION = "{{ partition_key }}"
APPROVED = {name: f"{{{{ ti.xcom_pull('approve')['{name}'] }}}}" for name in ("actor", "reason", "approval")}


def release(model: ModelSpec) -> DAG:
    """The release Dag of one model."""
    with DAG(
        f"release_{model.name}",
        schedule=PartitionedAssetTimetable(assets=challenger(model.name)),
        doc_md=__doc__,
        max_active_runs=1,
        **dag_defaults(model.owner, "release", model.name, calls=telling(model)),
    ) as dag:
        smoke_test = step(model, "smoke-test")
        approve = ApproveReleaseOperator(
            task_id="approve",
            model=model,
            version=VERSION,
            overridden="{{ ti.xcom_pull('smoke_test')['overridden'] }}",
            subject=f"Make {model.name} v{VERSION} champion?",
            body="{{ ti.xcom_pull('smoke_test')['summary'] }}",
        )
        promote = step(model, "promote", **APPROVED)
        before, after = [smoke_test], [approve]
        if model.release.rollout:
            before += [step(model, "stage"), step(model, "check-service", "integration_test"), step(model, "load-test")]
            after += steps_to_users(model)
        chain(*before, *after, promote)
        if model.release.rollout:
            promote >> step(model, "settle-rollout", "settle").as_teardown()
    return dag


def step(model: ModelSpec, name: str, task_id: str = "", **arguments: str) -> StepOperator:
    """A step on the version as a task."""
    return StepOperator(
        task_id=task_id or name.replace("-", "_"),
        step=name,
        target=model.name,
        arguments={"version": VERSION, **arguments},
    )


def steps_to_users(model: ModelSpec) -> list[BaseOperator]:
    """Shadow and canary, as model.yaml declares them. The first version of a model goes through at once."""
    rules = model.release.rollout
    shares = [("canary", share) for share in rules.shares] if rules else []
    shadow = [("shadow", 0.0)] if rules and rules.shadow_requests else []
    return [
        RolloutStepOperator(
            task_id=f"{stage}_{round(share * 100)}" if share else stage,
            target=model.name,
            version=VERSION,
            stage=stage,
            share=share,
            approved=APPROVED,
        )
        for stage, share in (*shadow, *shares)
    ]


for each_model in declared_models("release"):
    release(each_model)
