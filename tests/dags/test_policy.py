"""Conventions every Dag follows: they exist because these tests enforce them."""

from airflow.dag_processing.dagbag import DagBag

from tests.dags.graph import scheduling_assets

SECTIONS = ("**When it", "**What to do**", "**Produces**")


def test_every_dag_says_what_it_does_and_what_to_do(dagbag: DagBag) -> None:
    for dag_id, dag in dagbag.dags.items():
        assert dag.doc_md, f"{dag_id}: give its file a docstring and pass doc_md=__doc__"
        assert dag.doc_md.strip().startswith("# "), f"{dag_id}: the docstring starts with a title"
        assert any(section in dag.doc_md for section in SECTIONS), f"{dag_id}: say what it produces or when it fails"


def test_every_dag_has_an_owner_tags_and_bounded_runs(dagbag: DagBag) -> None:
    for dag_id, dag in dagbag.dags.items():
        assert "perennial" in dag.tags, f"{dag_id}: use include.defaults.dag_defaults"
        assert dag.owner not in {"", "airflow"}, f"{dag_id}: has no owner"
        assert 1 <= dag.max_active_runs <= 4, f"{dag_id}: max_active_runs is {dag.max_active_runs}"
        assert dag.catchup is False, f"{dag_id}: catches up on its own"


def test_outages_are_retried_by_every_task(dagbag: DagBag) -> None:
    for dag in dagbag.dags.values():
        for task in dag.tasks:
            assert task.retries >= 1, f"{dag.dag_id}.{task.task_id}: has no retries"


def test_a_dag_is_named_for_its_file(dagbag: DagBag) -> None:
    for dag_id, dag in dagbag.dags.items():
        file = dag.fileloc.rpartition("/")[2].removesuffix(".py")
        assert dag_id == file or dag_id.startswith(f"{file}_"), f"{dag_id} stands in {file}.py"


def test_all_assets_but_landing_zones_carry_partition_keys(dagbag: DagBag) -> None:
    """A plain schedule on a keyed asset never fires, and a partitioned one never on an event without a key."""
    for dag_id, dag in dagbag.dags.items():
        partitioned = type(dag.timetable).__name__ == "PartitionedAssetTimetable"
        for name in scheduling_assets(dag.timetable):
            assert partitioned != name.endswith("_landing"), f"{dag_id}: {name} needs the other kind of schedule"
