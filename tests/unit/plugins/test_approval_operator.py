"""The person in the loop: not asked where the owner wants none, and silence is a no."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import DAG
from airflow.sdk.exceptions import DownstreamTasksSkipped

from include.ledger import Ledger
from plugins.operators.approval import ApproveReleaseOperator
from plugins.operators.step import StepOperator
from tests.declared import TRIPS, declare, spec


def operator(required: bool = True, hours: float = 24, overridden: str = "") -> ApproveReleaseOperator:
    """The operator in a Dag, its promotion behind it."""
    release = {"approval": required, "approval_timeout_hours": hours}
    with DAG("release_trip_late", schedule=None):
        approve = ApproveReleaseOperator(
            task_id="approve", model=spec(release=release), version="4", overridden=overridden,
            subject="Make trip_late v4 champion?",
        )  # fmt: skip
        approve >> StepOperator(task_id="promote", step="promote", target="trip_late", arguments={"version": "4"})
    return approve


def answer(option: str, by: str | None = "ann", reason: str | None = "") -> dict[str, Any]:
    return {
        "chosen_options": [option],
        "params_input": {} if reason is None else {"reason": reason},
        "responded_at": datetime(2026, 1, 1, tzinfo=UTC),
        "responded_by_user": None if by is None else {"id": "1", "name": by},
        "timedout": by is None,
    }


@pytest.fixture
def book(models: Path, ledger: Ledger) -> Ledger:
    declare(models, contract=TRIPS)
    return ledger


def rejections(book: Ledger) -> list[tuple[str, str, str]]:
    return [(one.subject, one.actor, one.reason) for one in book.decisions("trip_late", kind="rejection")]


def test_no_question_is_asked_where_the_owner_wants_none(context: Any) -> None:
    given = operator(required=False).execute(context)
    assert given == {"actor": "release policy", "reason": "model.yaml asks for no approval", "approval": "policy"}
    assert context["ti"].mock_calls == []


@pytest.mark.parametrize(("required", "overridden"), [(True, ""), (False, "champion_comparison"), (True, "slices")])
def test_a_person_is_asked_where_the_owner_wants_one_or_a_gate_was_overridden(
    required: bool, overridden: str, context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(ApprovalOperator, "execute", lambda self, given: asked.append(given))
    assert operator(required=required, overridden=overridden).execute(context) is None
    assert asked == [context]


def test_silence_is_a_rejection_after_the_owner_s_hours() -> None:
    made = operator(hours=1.5)
    assert made.defaults == ["Reject"]
    assert made.response_timeout == timedelta(hours=1.5)


@pytest.mark.parametrize(
    ("reason", "kept"), [("looks good", "looks good"), ("", "approved by ann"), (None, "approved by ann")]
)
def test_an_approval_gives_who_and_why_and_records_no_rejection(
    book: Ledger, context: Any, reason: str | None, kept: str
) -> None:
    given = operator().execute_complete(context, answer("Approve", reason=reason))
    assert given == {"actor": "ann", "reason": kept, "approval": "person"}
    assert rejections(book) == []


@pytest.mark.parametrize(
    ("by", "reason", "kept"),
    [
        ("bob", "too eager", ("4", "bob", "too eager")),
        ("bob", "", ("4", "bob", "rejected by bob")),
        (None, None, ("4", "nobody", "no answer in time")),
    ],
)
def test_a_rejection_is_on_record_and_skips_the_promotion(
    book: Ledger, context: Any, by: str | None, reason: str | None, kept: tuple[str, str, str]
) -> None:
    context["task"] = operator()
    with pytest.raises(DownstreamTasksSkipped) as caught:
        context["task"].execute_complete(context, answer("Reject", by, reason))
    assert list(caught.value.tasks) == ["promote"]
    assert rejections(book) == [kept]


def test_an_answer_nobody_offered_is_no_approval(book: Ledger, context: Any) -> None:
    with pytest.raises(ValueError, match="Perhaps"):
        operator().execute_complete(context, answer("Perhaps"))
    assert rejections(book) == []


def test_the_version_under_question_is_a_template() -> None:
    assert {"version", "overridden", "subject", "body"} <= set(ApproveReleaseOperator.template_fields)
