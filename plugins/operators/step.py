"""A step of the loop as a task: here in the worker, or as a pod where `model.yaml` says so."""

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from include.spec import ModelSpec
from include.steps import STEPS
from plugins.links.step_links import EvidenceLink, MlflowRunLink, TimelineLink
from plugins.operators.outcome import as_task_end, report

if TYPE_CHECKING:
    from airflow.sdk import Context, XComArg
    from airflow.sdk.definitions.mappedoperator import MappedOperator


class StepOperator(BaseOperator):
    """Runs one step of `include.steps` on a model or dataset.

    Its asset events carry the partition keys the step announces; a refusal is skipped with its reason.
    """

    template_fields = ("target", "arguments")
    operator_extra_links = (MlflowRunLink(), EvidenceLink(), TimelineLink())
    ui_color = "#e8f3ec"

    def __init__(
        self, *, step: str, target: str, arguments: dict[str, str | None] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if step not in STEPS:
            raise ValueError(f"No step '{step}'. Steps: {', '.join(STEPS)}.")
        STEPS[step].check(arguments or {})
        self.step = step
        self.target = target
        self.arguments = arguments or {}
        self.reported_links: dict[str, str] = {}
        self.reported_evidence: str | None = None

    def execute(self, context: "Context") -> object:
        """The step's small facts, or the arguments of the mapped tasks that follow."""
        with as_task_end(self, context):
            result = STEPS[self.step].run(self.target, self.arguments)
        return report(self, context, result)


def heavy_step(
    model: ModelSpec, *, step: str, task_id: str, arguments: dict[str, str | None], **kwargs: Any
) -> BaseOperator:
    """A step that takes time and memory, at the place the model's owner chose."""
    kind, place, _ = _placed(model)
    return kind(task_id=task_id, step=step, target=model.name, arguments=arguments, **place, **kwargs)


def heavy_steps(
    model: ModelSpec, *, step: str, task_id: str, each: "XComArg", named_for: str, **kwargs: Any
) -> "MappedOperator":
    """The same, mapped: one task for each of the arguments that come out of another, named for one of them."""
    kind, place, given = _placed(model)
    name = f"{{{{ task.{given}['{named_for}'] }}}}"
    mapped = kind.partial(task_id=task_id, step=step, target=model.name, map_index_template=name, **place, **kwargs)
    return mapped.expand(arguments=each)


def _placed(model: ModelSpec) -> tuple[type[BaseOperator], dict[str, Any], str]:
    """The operator of the place, what it has to know of it, and where it keeps the step's arguments."""
    if model.training.place == "local":
        return StepOperator, {}, "arguments"
    from plugins.operators.step_pod import StepPodOperator  # noqa: PLC0415 - the client takes a second to import

    return StepPodOperator, {"place": model.training.place.kubernetes}, "step_arguments"
