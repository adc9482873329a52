"""Which admitted versions are no longer in the lake: collected as garbage, which the ledger keeps on record."""

from collections.abc import Sequence
from typing import Literal

from include.ledger.ledger import Ledger
from include.ledger.records import Decision

Outcome = Literal["removing", "removed", "kept"]


def removed(dataset: str, ledger: Ledger) -> set[str]:
    """The paths of admitted versions that are removed, or are about to be: nothing new may stand on them."""
    return _ended(dataset, {"removing", "removed"}, ledger)


def finished(dataset: str, ledger: Ledger) -> set[str]:
    """The paths of those whose files are surely gone."""
    return _ended(dataset, {"removed"}, ledger)


def record_removal(dataset: str, paths: Sequence[str], outcome: Outcome, actor: str, ledger: Ledger) -> None:
    """Puts on record what becomes of these versions."""
    for path in paths:
        ledger.record_decision(
            Decision(
                model=dataset, kind="collection", subject=path, outcome=outcome, reason=REASONS[outcome], actor=actor
            )
        )


REASONS: dict[Outcome, str] = {
    "removing": "replaced, and nothing stands on it",
    "removed": "its file and its profile are deleted",
    "kept": "something stands on it now",
}


def _ended(dataset: str, outcomes: set[str], ledger: Ledger) -> set[str]:
    """What was last said of it is one of these; a version that landed again since is in the lake again."""
    newest = {one.subject: one for one in ledger.decisions(dataset, kind="collection")}
    gone = {path: one.recorded_at for path, one in newest.items() if one.outcome in outcomes}
    for record in ledger.partitions(dataset) if gone else ():
        path = str(record.path)
        if record.status == "admitted" and record.recorded_at > gone.get(path, record.recorded_at):
            del gone[path]
    return set(gone)
