"""The steps of ingest: find what landed, then admit or quarantine one partition."""

from include.contract import admission
from include.errors import NothingToDo
from include.spec import load_contract
from include.steps.place import lake, ledger
from include.steps.step import Result


def find(dataset: str) -> Result:
    """The keys that landed and were not judged. The ledger decides, not the event that woke us."""
    keys = admission.find(load_contract(dataset), lake(), ledger())
    if not keys:
        raise NothingToDo(f"{dataset}: everything that landed is judged already.")
    shown = ", ".join(keys) if len(keys) <= 5 else f"{keys[0]} to {keys[-1]}"  # noqa: PLR2004
    return Result(
        sentence=f"{dataset}: {len(keys)} landed and not judged: {shown}", each=tuple({"key": key} for key in keys)
    )


def admit(dataset: str, key: str) -> Result:
    """Admits one partition, or quarantines it and raises BadData. What is known already is NothingToDo."""
    admission_ = admission.admit(load_contract(dataset), key, lake(), ledger())
    if admission_.status == "duplicate":
        raise NothingToDo(f"{dataset} {key} landed again with the same content {admission_.content_hash[:12]}.")
    again = f", replacing {admission_.version_of[:12]}" if admission_.version_of else ""
    return Result(
        sentence=f"{dataset} {key} admitted: {admission_.rows} rows, content {admission_.content_hash[:12]}{again}",
        announces=(key,),
        facts={"rows": admission_.rows, "content_hash": admission_.content_hash},
    )
