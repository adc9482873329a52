"""A step as a pod: the same command in the image, with the resources and the secret of `model.yaml`."""

from typing import Any

import pytest
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException
from kubernetes.client import models as k8s

from include.errors import BadData, Conflict, NotFound, NothingToDo, Outage
from include.spec import KubernetesPlace
from include.steps import STEPS, Result
from plugins.operators.step_pod import ADDRESSES, StepPodOperator

PLACE = KubernetesPlace(
    image="registry.example/perennial:1", namespace="models", cpu="2", memory="8Gi", service_account="trainer",
    secret="trip-secrets",
)  # fmt: skip
ARGUMENTS: dict[str, str | None] = {"as_of": "2013-04-01", "reason": "drift"}
ANSWER = Result(
    sentence="fitted", announces=("5",), facts={"run": "r1"}, evidence="evidence/x", links={"MLflow run": "u"}
)


def operator(step: str = "fit", arguments: dict[str, str | None] | None = None) -> StepPodOperator:
    return StepPodOperator(task_id="t", step=step, target="trip_late", arguments=arguments or ARGUMENTS, place=PLACE)


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> list[KubernetesPodOperator]:
    """The cluster, which answers with a result and keeps what it was asked to run."""
    asked: list[KubernetesPodOperator] = []

    def execute(self: KubernetesPodOperator, context: Any) -> dict[str, Any]:
        asked.append(self)
        return ANSWER.model_dump(mode="json")

    monkeypatch.setattr(KubernetesPodOperator, "execute", execute)
    for name in ADDRESSES:
        monkeypatch.delenv(name, raising=False)
    return asked


def test_image_namespace_account_and_resources_are_the_model_s() -> None:
    made = operator()
    assert (made.image, made.namespace, made.service_account_name) == (PLACE.image, "models", "trainer")
    assert made.container_resources.requests == {"cpu": "2", "memory": "8Gi"}
    assert made.container_resources.limits == made.container_resources.requests


def test_secrets_come_from_the_place_s_secret_and_from_nowhere_else(
    cluster: list[Any], context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERENNIAL_LEDGER_URL", "postgresql://user:hush@host/db")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    made = operator()
    made.execute(context)
    assert [source.secret_ref.name for source in made.env_from] == ["trip-secrets"]
    assert made.env_vars == []


def test_a_place_needs_an_image_only() -> None:
    made = StepPodOperator(
        task_id="t", step="fit", target="trip_late", arguments=ARGUMENTS, place=KubernetesPlace(image="i")
    )
    assert (made.image, made.namespace, made.service_account_name) == ("i", "default", None)
    assert made.env_from[0].secret_ref.name == "perennial"


@pytest.mark.parametrize(
    ("step", "arguments"),
    [
        ("fit", ARGUMENTS),
        ("fit", {"as_of": "2013-04-01"}),
        ("evaluate", {"run": "r1"}),
        ("score", {"key": "2013-04-01"}),
    ],
)
def test_the_pod_runs_the_command_a_person_would(
    cluster: list[Any], context: Any, step: str, arguments: dict[str, str | None]
) -> None:
    operator(step, arguments).execute(context)
    assert [*cluster[0].cmds, *cluster[0].arguments] == STEPS[step].command("trip_late", arguments)
    assert cluster[0].cmds == ["python", "-m", "include"]


def test_the_worker_s_addresses_go_along(cluster: list[Any], context: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERENNIAL_LAKE", "s3://bucket/lake")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://mlflow:5000")
    made = operator()
    made.execute(context)
    assert {one.name: one.value for one in made.env_vars} == {
        "PERENNIAL_LAKE": "s3://bucket/lake",
        "MLFLOW_TRACKING_URI": "http://mlflow:5000",
    }


def test_what_the_pod_reports_is_reported_as_if_it_had_run_here(cluster: list[Any], context: Any) -> None:
    made = operator()
    assert made.execute(context) == {"run": "r1"}
    assert context.event.partition_keys == {"5"}
    assert (made.reported_evidence, made.reported_links) == ("evidence/x", {"MLflow run": "u"})


def test_a_pod_that_had_nothing_to_do_is_skipped_and_its_result_is_read() -> None:
    made = operator()
    assert made.skip_on_exit_code == [NothingToDo.exit_code]
    assert made.do_xcom_push is True


def test_names_are_those_a_cluster_takes() -> None:
    assert operator().name.startswith("fit-trip-late")


def test_arguments_are_templates_and_checked_when_the_dag_is_read() -> None:
    assert "step_arguments" in StepPodOperator.template_fields
    with pytest.raises(ValueError, match="has no argument 'day'"):
        operator("fit", {"as_of": "x", "day": "y"})
    with pytest.raises(ValueError, match="No step 'fly'"):
        operator("fly")


def ended(code: int) -> k8s.V1Pod:
    """A pod whose step ended with this exit code."""
    over = k8s.V1ContainerState(terminated=k8s.V1ContainerStateTerminated(exit_code=code))
    base = k8s.V1ContainerStatus(name="base", state=over, image="i", image_id="1", ready=False, restart_count=0)
    return k8s.V1Pod(
        metadata=k8s.V1ObjectMeta(name="fit", namespace="models"),
        spec=k8s.V1PodSpec(containers=[k8s.V1Container(name="base")]),
        status=k8s.V1PodStatus(phase="Failed", container_statuses=[base]),
    )


@pytest.mark.parametrize(
    ("code", "end"),
    [
        (BadData.exit_code, AirflowFailException),
        (NotFound.exit_code, AirflowFailException),
        (Conflict.exit_code, AirflowFailException),
        (Outage.exit_code, AirflowException),
        (137, AirflowException),
        (NothingToDo.exit_code, AirflowSkipException),
    ],
)
def test_a_pod_ends_as_its_step_would_have_ended_here(
    code: int, end: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bad data is not tried again, an outage and a killed pod are, a refusal is skipped."""
    for outside in (
        "patch_already_checked",
        "process_pod_deletion",
        "is_istio_enabled",
        "_read_pod_events",
        "_read_pod_container_states",
    ):
        monkeypatch.setattr(KubernetesPodOperator, outside, lambda *_, **__: None)
    with pytest.raises(AirflowException) as caught:
        operator().cleanup(ended(code), ended(code))
    assert type(caught.value) is end
