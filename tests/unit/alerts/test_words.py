"""The words: how loud, about what, why, and where to look."""

import pytest

from include.alerts import words
from include.alerts.outbox import Message
from include.drift import Tier
from include.settings import REPOSITORY
from tests.notices import EARLY, OPS, notice

AIRFLOW = "http://airflow.example:8080/"
NASTY = "carrier is '<script>alert(1)</script>' & <!channel>"


def message(tier: Tier = "alert", before: Tier = "ok", sentence: str = "drift of bus 0.31", **changes: str) -> Message:
    pages = {"Report": "/perennial/files/e/report.html", "Run": "http://mlflow/run"}
    return Message(OPS, notice(tier, sentence=sentence, pages=pages, **changes), before)


@pytest.mark.parametrize(
    ("before", "tier", "word"),
    [
        ("ok", "alert", "alert"),
        ("alert", "critical", "critical"),
        ("critical", "alert", "down to alert"),
        ("alert", "warn", "down to warn"),
        ("critical", "ok", "recovered"),
    ],
)
def test_the_headline_says_whether_it_got_worse_or_better(before: Tier, tier: Tier, word: str) -> None:
    assert words.headline(message(tier, before)) == f"[{word}] trip_late: drift"


def test_a_headline_is_one_line_whatever_the_cause_is() -> None:
    assert words.headline(message(cause="task a\r\nBcc: x@y")) == "[alert] trip_late: task a Bcc: x@y"


def test_links_lead_to_pages_the_board_and_the_section_of_the_runbook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERENNIAL_RUNBOOK", "https://docs.example/operating")
    found = {one.title: one.address for one in words.links(message(), AIRFLOW)}
    assert found == {
        "Report": "http://airflow.example:8080/perennial/files/e/report.html",
        "Run": "http://mlflow/run",
        "Board": "http://airflow.example:8080/perennial/board/trip_late",
        "Runbook": "https://docs.example/operating#dag-by-dag",
    }
    of_data = Message(OPS, notice(of="dataset", about="trips"), "ok")
    assert words.links(of_data, AIRFLOW)[0].address == "http://airflow.example:8080/perennial/board"


def test_the_mail_escapes_what_comes_from_data_and_links_what_opens() -> None:
    text = words.page(message(sentence=NASTY), words.links(message(), AIRFLOW))
    assert "&lt;script&gt;" in text
    assert "<script>" not in text
    assert '<a href="http://mlflow/run">Run</a>' in text
    assert "Runbook: docs/operating.md#dag-by-dag" in text


def test_the_chat_message_mentions_nobody_the_data_names() -> None:
    text = words.chat(message(sentence=NASTY), words.links(message(), AIRFLOW))["text"]
    assert "<!channel>" not in text
    assert "&lt;!channel&gt;" in text
    assert "<http://mlflow/run|Run> | " in text
    assert text.endswith("Runbook: docs/operating.md#dag-by-dag")


@pytest.mark.parametrize(("tier", "status"), [("alert", "firing"), ("warn", "recovered"), ("ok", "recovered")])
def test_the_payload_of_a_recovery_closes_what_the_alert_opened(tier: Tier, status: str) -> None:
    found = words.payload(message(tier, "alert"), words.links(message(), AIRFLOW))
    assert (found["status"], found["dedup_key"]) == (status, "perennial/model/trip_late/drift")
    assert (found["tier"], found["before"], found["links"]["Run"]) == (tier, "alert", "http://mlflow/run")  # type: ignore[index]


def test_a_warning_is_firing_for_those_who_asked_for_it() -> None:
    assert words.payload(Message(EARLY, notice("warn"), "ok"), [])["status"] == "firing"


@pytest.mark.parametrize("anchor", ["dag-by-dag", "a-partition-is-quarantined", "the-watch-alarms", "nothing-comes"])
def test_the_runbook_has_the_sections_alerts_link_to(anchor: str) -> None:
    headings = [
        line.lstrip("# ").lower().replace(" ", "-")
        for line in (REPOSITORY / "docs" / "operating.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("#")
    ]
    assert anchor in headings
