"""
# Batch score

Has the champion, or any registered version, score what it has not scored of a range of admitted partitions: after a
rollback, to look at a version before it serves, or for the years before.

**Starts** by hand: name the first and the last partition key, and the version (empty: the champion). One task per
partition, four at once. **Produces** a file per partition and version, each exactly once: what is there is not made
again, and a task that was killed leaves none. No asset event: nothing else starts. Only the champion's predictions are
on record for the watch.

**When it is skipped**: everything of the range is scored. **When it fails**: the others go on; clear what failed.
"""

from airflow.sdk import DAG, Param

from include.defaults import dag_defaults
from include.spec import ModelSpec
from plugins.declared import declared_models
from plugins.operators.step import StepOperator, heavy_steps

AT_ONCE = 4  # each has a model and a block of rows in memory


def batch_score(model: ModelSpec) -> DAG:
    """The Dag that scores ranges with one model."""
    with DAG(
        f"batch_score_{model.name}",
        schedule=None,
        params={
            "first": Param(type="string", minLength=1, description="partition key of the first"),
            "last": Param(type="string", minLength=1, description="partition key of the last"),
            "version": Param(None, type=["null", "string"], description="empty: the champion"),
        },
        doc_md=__doc__,
        max_active_runs=1,
        **dag_defaults(model.owner, "score", model.name),
    ) as dag:
        find_partitions = StepOperator(
            task_id="find_partitions",
            step="find-unscored",
            target=model.name,
            arguments={
                "first": "{{ params.first }}",
                "last": "{{ params.last }}",
                "version": "{{ params.version or '' }}",
            },
        )
        heavy_steps(
            model,
            step="score-missing",
            task_id="score_partition",
            each=find_partitions.output,
            named_for="key",
            max_active_tis_per_dag=AT_ONCE,
        )
    return dag


for each_model in declared_models("batch_score"):
    batch_score(each_model)
