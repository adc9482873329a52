"""Where one dataset's partitions come in: what has landed is copied, judged, and admitted or kept out."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from include.contract.check import CheckResult
from include.contract.findings import Finding, summary
from include.contract.publication import Publishing
from include.contract.quarantine import Refusal, keep_validation, quarantine
from include.contract.situation import situation
from include.errors import BadData, NotFound, NothingToDo, Outage
from include.lake import Landed, Store, landed_partition, layout
from include.lake.staged import Staged, Unreadable, stage
from include.ledger import Ledger, PartitionRecord
from include.spec import ContractSpec

log = logging.getLogger(__name__)


class Admission(BaseModel):
    """How a good landing ended: a new version of the partition, or the same data once more.

    `remark` is what is on record beside it: rules that only warned, or who accepted what.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: Literal["admitted", "duplicate"]
    dataset: str
    key: str
    content_hash: str
    rows: int
    path: str
    version_of: str | None = None
    evidence: str | None = None
    remark: str | None = None
    warnings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Acceptance:
    """Who takes a partition as it is, though it breaks rules, and why."""

    actor: str
    reason: str


@dataclass(frozen=True)
class Origin:
    """Where the rows to judge come from: how they are copied, and how many verdicts the key has while they count."""

    stage: Callable[[Landed, Path], Staged]
    verdicts: Callable[[], int]


@dataclass(frozen=True)
class Intake:
    """Where one dataset's partitions come in."""

    contract: ContractSpec
    store: Store
    ledger: Ledger

    def landed(self, key: str) -> Landed:
        contract, part = self.contract, landed_partition(self.contract, self.store, key)
        if part is None:
            raise NotFound(
                f"Partition {key} of {contract.dataset} has not landed: there is no folder of that name with Parquet "
                f"files in {contract.landing.uri or self.store.locate(layout.landing(contract.dataset))}."
            )
        marker = contract.landing.marker
        if marker is not None and not part.settled:
            where = part.store.locate(key)
            raise NotFound(f"Partition {key} of {contract.dataset} is not complete: there is no {where}/{marker} yet.")
        return part

    def judge(self, part: Landed, origin: Origin, accepted: Acceptance | None = None) -> Admission:
        """Copies the landing aside, judges the copy, and publishes or keeps just those bytes.

        What a person `accepted` is admitted whatever rules it breaks, if it can have the contract's types at all.
        Conflict if another landing of the key was judged meanwhile: the newest verdict has to be on the newest landing.
        """
        with self.store.scratch() as folder:
            staged = origin.stage(part, folder)
            beside = situation(self.contract, part.key, self.store, self.ledger)
            publishing = Publishing(staged, self.contract, folder, beside)
            try:
                result = publishing.check()
            except Unreadable as error:
                torn = {"rule": error.rule, "column": error.column, "severity": "fail", "observed": str(error)}
                finding = Finding.model_validate({**torn, "required": error.required})
                return self._refuse(
                    Refusal(self.contract.dataset, staged, CheckResult((finding,), {})), origin.verdicts()
                )
            if result.passed or (accepted and result.content_hash):
                return self._admit(publishing, result, origin.verdicts(), accepted)
            return self._refuse(Refusal(self.contract.dataset, staged, result), origin.verdicts())

    def outcome(self, part: Landed, warnings: tuple[Finding, ...] = ()) -> Admission | None:
        """What the ledger says about this landing: the newest judgement of it."""
        before: str | None = None
        found: tuple[PartitionRecord, str | None] | None = None
        for record in self.ledger.partitions(self.contract.dataset, part.key):
            if landing_of(record.fingerprint) == landing_of(part.fingerprint):
                found = (record, before)
            before = record.content_hash if record.status == "admitted" else before
        return None if found is None else self._told(*found, warnings)

    def _told(self, record: PartitionRecord, before: str | None, warnings: tuple[Finding, ...]) -> Admission:
        if record.status == "quarantined":
            raise BadData(record.reason or "quarantined", record.evidence)
        if record.status == "discarded":
            raise NothingToDo(record.reason or "discarded", record.evidence)
        facts = record.model_dump(include={"status", "dataset", "key", "content_hash", "rows", "path", "evidence"})
        version_of = before if record.status == "admitted" else None
        beside = {"version_of": version_of, "remark": record.reason, "warnings": warnings}
        return Admission.model_validate({**facts, **beside})

    def landing(self, part: Landed) -> Origin:
        """The landing zone, where files may be rewritten at any time."""
        return Origin(self._copied, lambda: self._verdicts_on(part))

    def _copied(self, part: Landed, folder: Path) -> Staged:
        """A copy of the landed files, if nobody rewrote them meanwhile."""
        try:
            return stage(part, folder)
        finally:
            self._require_unchanged(part)

    def _verdicts_on(self, part: Landed) -> int:
        """How many verdicts the key has, counted before it is sure that the landing is still there."""
        count = len(self.ledger.partitions(self.contract.dataset, part.key))
        self._require_unchanged(part)
        return count

    def _require_unchanged(self, part: Landed) -> None:
        now = landed_partition(self.contract, self.store, part.key)
        if now is None or now.fingerprint != part.fingerprint:
            raise Outage(
                f"Partition {part.key} of {self.contract.dataset} changed while it was judged: it is still landing "
                f"in {part.store.locate(part.key)}. Nothing was decided; try again when it is complete."
            )

    def _admit(
        self, publishing: Publishing, result: CheckResult, verdicts: int, accepted: Acceptance | None
    ) -> Admission:
        dataset, content, part = self.contract.dataset, str(result.content_hash), publishing.landed
        newest = self.ledger.admitted(dataset, part.key, part.key)
        duplicate = any(record.content_hash == content for record in newest)
        path = layout.admitted(dataset, part.key, content)
        if not duplicate:
            publishing.publish(result, self.store, path)
        docs = keep_validation(result, self.store, layout.validation(dataset, part.key, part.fingerprint))
        status = "duplicate" if duplicate else "admitted"
        facts = {"status": status, "content_hash": content, "rows": result.statistics["rows"], "path": path}
        self.record(part, {**facts, "reason": _remark(result, accepted), "evidence": docs}, verdicts)
        log.info("Partition %s of %s: %s, %s rows, %s", part.key, dataset, status, facts["rows"], path)
        return self._settled(part, result.warnings)

    def _refuse(self, refusal: Refusal, verdicts: int) -> Admission:
        """Raises BadData, unless another writer was first and admitted the landing."""
        part, findings = refusal.staged.landed, refusal.result.findings
        evidence = quarantine(refusal, self.store)
        fatal = [finding for finding in findings if finding.severity == "fail"]
        message = (
            f"Partition {part.key} of {self.contract.dataset} was quarantined, {len(fatal)} "
            f"{'rule is' if len(fatal) == 1 else 'rules are'} broken: {summary(fatal)}. "
            f"Evidence: {self.store.locate(evidence)}. "
            "Fix the data upstream and land the partition again; it is judged anew."
        )
        rows = refusal.result.statistics.get("rows")
        self.record(part, {"status": "quarantined", "rows": rows, "reason": message, "evidence": evidence}, verdicts)
        log.warning("%s", message)
        return self._settled(part, ())

    def record(self, part: Landed, facts: Mapping[str, object], verdicts: int) -> None:
        """Puts the verdict on this landing on record, unless another one is there.

        Conflict if the key does not have just so many verdicts any more, and none on this landing.
        """
        landing = {"dataset": self.contract.dataset, "key": part.key, "fingerprint": part.fingerprint}
        self.ledger.record_partition(PartitionRecord.model_validate({**landing, **facts}), verdicts=verdicts)

    def _settled(self, part: Landed, warnings: tuple[Finding, ...]) -> Admission:
        """What the ledger says now, which is another writer's verdict if that came first."""
        outcome = self.outcome(part, warnings)
        if outcome is None:
            raise Outage(f"The ledger has lost its row about partition {part.key} of {self.contract.dataset}.")
        return outcome


def landing_of(fingerprint: str) -> str:
    """The landing a fingerprint of the ledger stands for.

    A landing that is judged again has the number of the judgement behind its fingerprint: `2bc14c855bef9a9e~2`.
    """
    return fingerprint.partition("~")[0]


def _remark(result: CheckResult, accepted: Acceptance | None) -> str | None:
    """What is on record of an admitted partition: warnings, and who accepted what."""
    broken = summary(finding for finding in result.findings if finding.severity == "fail")
    if accepted is None or not broken:
        return summary(result.warnings) or None
    return f"Accepted as it is by {accepted.actor}: {accepted.reason}. Broken: {broken}"
