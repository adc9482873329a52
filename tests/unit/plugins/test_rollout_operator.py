"""A step of a rollout as a task: it waits deferred while the verdict is to wait, and ends as it was decided."""

import asyncio
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException, TaskDeferred

from include.errors import Conflict, NothingToDo, Outage
from include.steps import STEPS, Result, Step
from plugins.operators.rollout import RolloutStepOperator
from plugins.triggers.rollout import RolloutStepTrigger

APPROVED = {"actor": "ann", "reason": "looks right", "approval": "person"}
SAID: list[Any] = []  # what the next looks come to
ENTERED: list[Any] = []


def enter(model: str, version: str, stage: str, share: str, reason: str, actor: str, approval: str) -> Result:
    """Stands in for the step that moves the ledger."""
    ENTERED.append((model, version, stage, share, reason, actor, approval))
    return Result(sentence="entered", evidence="page.html")


def look(model: str, version: str, stage: str, share: str) -> Result:
    """Stands in for the step that judges."""
    said = SAID.pop(0)
    if isinstance(said, Exception):
        raise said
    return Result(sentence=f"{model} {said}", facts={"decision": said}, evidence="page.html")


@pytest.fixture(autouse=True)
def steps(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, function in (("enter-rollout", "enter"), ("look-at-rollout", "look")):
        real = STEPS[name]
        monkeypatch.setitem(STEPS, name, Step(name, "model", real.help, f"{__name__}:{function}", real.arguments))
    SAID.clear()
    ENTERED.clear()
    yield
    assert SAID == []


def operator() -> RolloutStepOperator:
    return RolloutStepOperator(
        task_id="canary_20", target="trip_late", version="2", stage="canary", share=0.2, approved=APPROVED
    )


def test_a_step_that_is_decided_at_once_ends_at_once(context: Any) -> None:
    SAID.append("go")
    assert operator().execute(context) == {"decision": "go"}
    assert ENTERED == [("trip_late", "2", "canary", "0.2", "looks right", "ann", "person")]
    assert context.pushed == {"sentence": "trip_late go"}


def test_it_waits_deferred_and_shows_its_live_numbers(context: Any) -> None:
    SAID.extend(["wait", "wait", "go"])
    task = operator()
    with pytest.raises(TaskDeferred) as caught:
        task.execute(context)
    trigger = caught.value.trigger
    assert isinstance(trigger, RolloutStepTrigger)
    assert (trigger.model, trigger.version, trigger.stage, trigger.share) == ("trip_late", "2", "canary", "0.2")
    assert context.pushed["live"] == "/perennial/files/page.html"
    assert task.reported_evidence == "page.html"
    with pytest.raises(TaskDeferred):  # held in between: another look, another wait
        task.execute_complete(context, {"decided": True})
    assert task.execute_complete(context, {"decided": True}) == {"decision": "go"}
    assert len(ENTERED) == 1


@pytest.mark.parametrize(
    ("end", "becomes"),
    [(NothingToDo("stopped", "page.html"), AirflowSkipException), (Conflict("held"), AirflowFailException)],
)
def test_what_was_stopped_is_skipped_with_its_reason(end: Exception, becomes: type[Exception], context: Any) -> None:
    SAID.append(end)
    with pytest.raises(becomes, match=str(end)):
        operator().execute_complete(context, {"decided": True})
    assert context.pushed["sentence"] == str(end)


def fires(trigger: RolloutStepTrigger) -> Any:
    """What the trigger sends, after a journey as text."""
    place, arguments = trigger.serialize()
    module, _, name = place.rpartition(".")
    again = getattr(import_module(module), name)(**arguments)

    async def first() -> Any:
        async with asyncio.timeout(10):
            return (await anext(again.run())).payload

    return asyncio.run(first())


@pytest.mark.parametrize(
    "said", [["go"], ["wait", "wait", "go"], ["wait", NothingToDo("stopped")], [Outage("no ledger"), "go"]]
)
def test_the_trigger_looks_until_it_is_decided_and_outlives_outages(said: list[Any]) -> None:
    SAID.extend(said)
    assert fires(RolloutStepTrigger("trip_late", "2", "canary", "0.2", poke_seconds=0.01)) == {"decided": True}
