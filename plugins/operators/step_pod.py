"""A step of the loop as a Kubernetes pod that runs the same command in the project's image."""

import os
from typing import TYPE_CHECKING, Any

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException
from kubernetes.client import models as k8s

from include.errors import NothingToDo
from include.spec import KubernetesPlace
from include.steps import STEPS, Result
from plugins.links.step_links import EvidenceLink, MlflowRunLink, TimelineLink
from plugins.operators.outcome import NEVER_RETRIED, as_task_end, report

if TYPE_CHECKING:
    from airflow.sdk import Context

ADDRESSES = (
    "PERENNIAL_LAKE",
    "MLFLOW_TRACKING_URI",
    "PERENNIAL_MLFLOW_UI",
    "PERENNIAL_ENVIRONMENT",
    "AWS_ENDPOINT_URL",
)


class StepPodOperator(KubernetesPodOperator):
    """Runs one step in a pod. Addresses come from the worker's environment, secrets from the place's secret."""

    template_fields = (*KubernetesPodOperator.template_fields, "step_arguments")
    operator_extra_links = (MlflowRunLink(), EvidenceLink(), TimelineLink())

    def __init__(
        self, *, step: str, target: str, arguments: dict[str, str | None], place: KubernetesPlace, **kwargs: Any
    ) -> None:
        if step not in STEPS:
            raise ValueError(f"No step '{step}'. Steps: {', '.join(STEPS)}.")
        STEPS[step].check(arguments)
        resources = {"cpu": place.cpu, "memory": place.memory}
        super().__init__(
            name=f"{step}-{target}".replace("_", "-"),
            image=place.image,
            namespace=place.namespace,
            service_account_name=place.service_account,
            container_resources=k8s.V1ResourceRequirements(requests=resources, limits=resources),
            env_from=[k8s.V1EnvFromSource(secret_ref=k8s.V1SecretEnvSource(name=place.secret))],
            do_xcom_push=True,
            skip_on_exit_code=NothingToDo.exit_code,
            **kwargs,
        )
        self.step = step
        self.target = target
        self.step_arguments = arguments
        self.reported_links: dict[str, str] = {}
        self.reported_evidence: str | None = None

    def execute(self, context: "Context") -> object:
        """The step's small facts, or the arguments of the mapped tasks that follow, as the pod reported them."""
        command = STEPS[self.step].command(self.target, self.step_arguments)
        self.cmds, self.arguments = command[:3], command[3:]
        known = {name: os.environ[name] for name in ADDRESSES if name in os.environ}
        self.env_vars = [k8s.V1EnvVar(name=name, value=value) for name, value in known.items()]
        with as_task_end(self, context):
            result = Result.model_validate(super().execute(context))
        return report(self, context, result)

    def cleanup(self, pod: k8s.V1Pod, remote_pod: k8s.V1Pod, *arguments: Any, **options: Any) -> None:
        """Ends the pod; an exit code that says the next try would end alike fails the task at once."""
        try:
            super().cleanup(pod, remote_pod, *arguments, **options)
        except AirflowSkipException:
            raise
        except AirflowException as failure:
            code = _exit_code(remote_pod, self.base_container_name)
            if code in {kind.exit_code for kind in NEVER_RETRIED}:
                raise AirflowFailException(
                    f"Step {self.step} of {self.target} ended with {code}: {failure}"
                ) from failure
            raise


def _exit_code(pod: k8s.V1Pod, container: str) -> int | None:
    """What the container ended with, None where the cluster does not know."""
    for one in (pod.status.container_statuses if pod and pod.status else None) or ():
        if one.name == container and one.state and one.state.terminated:
            return int(one.state.terminated.exit_code)
    return None
