"""A quarantined partition, told to the owner of its contract until it is admitted or discarded."""

from include.alerts.notice import Notice, standing, tell
from include.ledger import Ledger
from include.settings import FILES

CAUSE = "quarantine of "


def is_held(dataset: str, key: str, ledger: Ledger) -> bool:
    """Whether the newest landing of a partition is in quarantine."""
    return any(one.status == "quarantined" for one in ledger.partitions(dataset, key)[-1:])


def review(dataset: str, key: str, ledger: Ledger) -> None:
    """Tells how the newest landing of a partition stands, if there was one."""
    newest = next(reversed(ledger.partitions(dataset, key)), None)
    if newest is None:
        return
    held = newest.status == "quarantined"
    tell(
        Notice(
            of="dataset",
            about=dataset,
            cause=f"{CAUSE}{key}",
            tier="alert" if held else "ok",
            sentence=str(newest.reason) if held else f"{dataset} {key} is no longer in quarantine: {newest.status}",
            runbook="a-partition-is-quarantined",
            pages={"Evidence": f"{FILES}/{newest.evidence}"} if newest.evidence else {},
        ),
        ledger,
    )


def review_open(dataset: str, ledger: Ledger) -> None:
    """Looks again at every quarantined partition that was told of: a command may have settled it."""
    for notice in standing("dataset", dataset, ledger):
        if notice.tier != "ok" and notice.cause.startswith(CAUSE):
            review(dataset, notice.cause.removeprefix(CAUSE), ledger)
