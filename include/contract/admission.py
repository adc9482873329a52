"""From landed to admitted or quarantined: one landing of a partition is judged once."""

import logging
from collections.abc import Mapping
from typing import Literal

import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from include.contract.check import CheckResult, check
from include.contract.findings import Finding, summary
from include.contract.quarantine import Refusal, quarantine
from include.errors import BadData, NotFound, NothingToDo, Outage
from include.lake import Landed, Store, content_hash, landed, landed_partition, layout, profile_table, publish
from include.lake import read_landed
from include.ledger import Ledger, PartitionRecord
from include.spec import ContractSpec

log = logging.getLogger(__name__)


class Admission(BaseModel):
    """How a good landing ended: a new version of the partition, or the same data once more."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: Literal["admitted", "duplicate"]
    dataset: str
    key: str
    content_hash: str
    rows: int
    path: str
    version_of: str | None = None
    warnings: tuple[Finding, ...] = ()


def find(
    contract: ContractSpec, store: Store, ledger: Ledger, before: Mapping[str, str] | None = None
) -> list[str]:
    """The keys that have landed completely and were not judged as they are now.

    `before` has the fingerprints by key of an earlier scan; only contracts without a marker need it.
    """
    judged = ledger.judged_fingerprints(contract.dataset)
    found = landed(contract, store, before)
    return [part.key for part in found if part.settled and part.fingerprint not in judged.get(part.key, ())]


def admit(contract: ContractSpec, key: str, store: Store, ledger: Ledger) -> Admission:
    """Judges what has landed: admits it as a new version, or quarantines it and raises BadData.

    NothingToDo if this landing was admitted before, NotFound if nothing has landed, Outage while it is changing.
    A run that was cut off can be repeated: files are named by their content and the ledger's row comes last.
    """
    part = _landed(contract, key, store)
    known = _outcome(ledger, contract.dataset, part)
    if known is not None:
        raise NothingToDo(f"Partition {key} of {contract.dataset} was judged as it landed: {known.status}.")
    try:
        table = _read(part, contract, store)
    except BadData as error:
        unreadable = Finding(
            rule="readable", column=None, severity="fail", observed=str(error), required="whole, matching Parquet files"
        )
        return _refuse(Refusal(contract.dataset, part, (unreadable,), {}), store, ledger)
    result = check(table, contract)
    if not result.passed or result.table is None:
        refusal = Refusal(contract.dataset, part, result.findings, result.statistics, result.validation)
        return _refuse(refusal, store, ledger)
    return _publish(contract, part, result, result.table, store, ledger)


def verdict(contract: ContractSpec, key: str, store: Store, ledger: Ledger) -> Admission | None:
    """How the landing that is there now was judged, None if it was not yet; BadData if it was quarantined."""
    return _outcome(ledger, contract.dataset, _landed(contract, key, store))


def _landed(contract: ContractSpec, key: str, store: Store) -> Landed:
    part = landed_partition(contract, store, key)
    marker = contract.landing.marker
    if part is None:
        raise NotFound(f"Partition {key} of {contract.dataset} has not landed ({contract.partition_format}/*.parquet).")
    if marker is not None and not part.settled:
        raise NotFound(
            f"Partition {key} of {contract.dataset} is not complete: {part.store.locate(key)}/{marker} is missing."
        )
    return part


def _read(part: Landed, contract: ContractSpec, store: Store) -> pa.Table:
    """The landed rows, if nobody rewrote them meanwhile."""
    try:
        return read_landed(part)
    finally:
        now = landed_partition(contract, store, part.key)
        if now is None or now.fingerprint != part.fingerprint:
            raise Outage(
                f"Partition {part.key} of {contract.dataset} changed while it was read: it is still landing in "
                f"{part.store.locate(part.key)}. Nothing was decided; try again when it is complete."
            )


def _publish(
    contract: ContractSpec, part: Landed, result: CheckResult, table: pa.Table, store: Store, ledger: Ledger
) -> Admission:
    content = content_hash(table)
    newest = _newest(ledger, contract.dataset, part.key)
    same = newest is not None and newest.content_hash == content
    path = layout.admitted(contract.dataset, part.key, content)
    if not same:
        publish(store, path, table)
        _publish_profile(contract, table, path, store)
    record = PartitionRecord(
        dataset=contract.dataset,
        key=part.key,
        fingerprint=part.fingerprint,
        status="duplicate" if same else "admitted",
        content_hash=content,
        rows=table.num_rows,
        path=path,
        reason=summary(result.warnings) or None,
    )
    return _settle(ledger, record, result.warnings)
