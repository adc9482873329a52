"""What becomes of a quarantined partition: judged again, accepted as it is by a person, or discarded."""

from typing import Literal

from include.contract.intake import Acceptance, Admission, Intake, Origin, landing_of
from include.errors import BadData, NotFound, NothingToDo
from include.lake import Landed, Store, layout
from include.lake.staged import stage
from include.ledger import Decision, Ledger, PartitionRecord
from include.spec import ContractSpec

How = Literal["judge again", "accept", "discard"]
CHOICES: tuple[How, ...] = ("judge again", "accept", "discard")


def settle(
    contract: ContractSpec, key: str, how: How, decided: Acceptance, store: Store, ledger: Ledger
) -> Admission | None:
    """Decides on the quarantined data itself, whatever has become of the landing zone; None if it is discarded.

    Judged again under the contract as it is now, it is admitted, or BadData with the rules it still breaks. What is
    accepted must have the contract's columns and types, or there is nothing to admit. NothingToDo if the partition
    is not in quarantine, Conflict if another landing of it was judged meanwhile. The decision is on record with the
    person and the reason.
    """
    intake, verdicts = Intake(contract, store, ledger), ledger.partitions(contract.dataset, key)
    if how == "discard":
        _delete_what_was_discarded(verdicts, store)
    record = _quarantined(contract, key, verdicts)
    part = _kept(record, verdicts, store)
    if how == "discard":
        _discard(intake, record, part, decided, len(verdicts))
        return None
    word = "accepted" if how == "accept" else "judged again"
    try:
        found = intake.judge(part, Origin(stage, lambda: len(verdicts)), decided if how == "accept" else None)
    except BadData as refusal:
        _decide(ledger, record, f"{word}: quarantined", decided, refusal.evidence)
        raise
    _decide(ledger, record, f"{word}: {found.status}", decided, found.evidence)
    return found


def _quarantined(contract: ContractSpec, key: str, verdicts: list[PartitionRecord]) -> PartitionRecord:
    """The newest verdict on the key, if it is a quarantine."""
    if not verdicts:
        raise NotFound(f"Partition {key} of {contract.dataset} was never judged, so it is not in quarantine.")
    newest = verdicts[-1]
    if newest.status != "quarantined":
        raise NothingToDo(
            f"Partition {key} of {contract.dataset} is not in quarantine: it is {newest.status} since "
            f"{newest.recorded_at:%Y-%m-%d %H:%M} UTC ({newest.fingerprint})."
        )
    return newest


def _kept(record: PartitionRecord, verdicts: list[PartitionRecord], store: Store) -> Landed:
    """The quarantined data as a landing of its own, with the number of the judgement to come."""
    landing = landing_of(record.fingerprint)
    times = sum(landing_of(one.fingerprint) == landing for one in verdicts)
    folder = store.under(layout.quarantine(record.dataset, record.key, record.fingerprint))
    return Landed(record.key, f"{landing}~{times + 1}", tuple(folder.list("data")), settled=True, store=folder)


def _discard(intake: Intake, record: PartitionRecord, part: Landed, decided: Acceptance, verdicts: int) -> None:
    """The verdict first, then the data: what is left of a run that was cut off goes when it is repeated."""
    reason = f"Discarded by {decided.actor}: {decided.reason}. It was: {record.reason}"
    facts = {"status": "discarded", "rows": record.rows, "reason": reason, "evidence": record.evidence}
    intake.record(part, facts, verdicts)
    _decide(intake.ledger, record, "discarded", decided, record.evidence)
    _delete_what_was_discarded(intake.ledger.partitions(record.dataset, record.key), intake.store)


def _delete_what_was_discarded(verdicts: list[PartitionRecord], store: Store) -> None:
    """Deletes the data of every landing whose newest verdict is that; what else is kept of it stays."""
    newest = {landing_of(one.fingerprint): one.status for one in verdicts}
    for record in verdicts:
        if newest[landing_of(record.fingerprint)] == "discarded":
            folder = layout.quarantine(record.dataset, record.key, record.fingerprint)
            for entry in store.list(f"{folder}/data"):
                store.delete(entry.path)


def _decide(ledger: Ledger, record: PartitionRecord, outcome: str, decided: Acceptance, evidence: str | None) -> None:
    ledger.record_decision(
        Decision(
            model=record.dataset,
            kind="quarantine",
            subject=f"{record.key}/{record.fingerprint}",
            outcome=outcome,
            reason=decided.reason,
            actor=decided.actor,
            evidence=evidence,
        ),
        once=True,
    )
