"""How long a rollback takes to reach every replica, told from what the replicas said."""

from datetime import timedelta

from include.incident.following import follow
from include.ledger import Ledger, Replica, Rollout
from include.ledger.records import now

DECIDED = now() - timedelta(seconds=5)


def says(ledger: Ledger, replica: str, sequence: int, version: str | None, after: float) -> None:
    ledger.record_replica(
        Replica(
            replica=replica, model="trip_late", sequence=sequence, version=version,
            recorded_at=DECIDED + timedelta(seconds=after),
        )
    )  # fmt: skip


def test_the_time_is_that_of_the_first_word_of_the_last_replica(ledger: Ledger) -> None:
    for replica in "ab":
        says(ledger, replica, 3, "2", -60)
    says(ledger, "a", 4, "1", 0.4)
    says(ledger, "b", 5, "1", 1.5)
    says(ledger, "a", 5, "1", 4)
    found = follow("trip_late", 4, DECIDED, ledger)
    assert found.seconds == {"a": 0.4, "b": 1.5}
    assert (found.last, found.missing) == (1.5, ())
    assert found.sentence == "2 replicas follow after 1.50 s"


def test_who_left_is_not_waited_for_and_who_says_nothing_is_named(ledger: Ledger) -> None:
    for replica in "abc":
        says(ledger, replica, 3, "2", -60)
    says(ledger, "a", 4, "1", 0.5)
    says(ledger, "b", 3, None, 0.7)
    found = follow("trip_late", 4, DECIDED, ledger, patience=0.2)
    assert found.seconds == {"a": 0.5}
    assert found.missing == ("c",)
    assert found.sentence == "1 replicas follow after 0.50 s; c did not follow"


def test_who_did_not_follow_the_change_before_is_dead_and_not_waited_for(ledger: Ledger) -> None:
    for number, after in ((1, -3600), (2, -60), (3, -1)):
        ledger.record_rollout(
            Rollout(
                model="trip_late", sequence=number, action="hold", actor="ann", reason="test",
                recorded_at=DECIDED + timedelta(seconds=after),
            ),
            expected=ledger.rollout("trip_late"),
        )  # fmt: skip
    says(ledger, "killed", 1, "2", -3000)
    says(ledger, "slow", 2, "2", -50)
    found = follow("trip_late", 4, DECIDED, ledger, patience=0.2)
    assert found.missing == ("slow",)


def test_a_model_that_nobody_serves_is_not_waited_for(ledger: Ledger) -> None:
    says(ledger, "a", 3, None, -60)
    found = follow("trip_late", 4, DECIDED, ledger)
    assert (found.last, found.sentence) == (None, "no replica of the service serves it")
