"""From landed to admitted or quarantined: one landing of a partition is judged once."""

from include.contract.intake import Admission, Intake
from include.errors import Conflict, NothingToDo, Outage
from include.lake import Store, landed
from include.ledger import Ledger
from include.spec import ContractSpec

__all__ = ["Admission", "admit", "find", "verdict"]


def find(contract: ContractSpec, store: Store, ledger: Ledger) -> list[str]:
    """The keys that have landed completely and were not judged as they are now."""
    judged = ledger.judged_fingerprints(contract.dataset)
    found = landed(contract, store)
    return [part.key for part in found if part.settled and part.fingerprint not in judged.get(part.key, ())]


def admit(contract: ContractSpec, key: str, store: Store, ledger: Ledger) -> Admission:
    """Judges what has landed: admits it as a new version, or quarantines it and raises BadData.

    NothingToDo if this landing was admitted before, NotFound if nothing has landed, Outage while it is changing or
    another landing of the key is judged.
    A run that was cut off can be repeated: files are named by their content and the ledger's row comes last.
    """
    intake = Intake(contract, store, ledger)
    part = intake.landed(key)
    known = intake.outcome(part)
    if known is not None:
        raise NothingToDo(
            f"Partition {key} of {contract.dataset} was judged as it has landed ({part.fingerprint}): {known.status}, "
            f"{known.rows} rows."
        )
    try:
        return intake.judge(part, intake.landing(part))
    except Conflict as overtaken:
        raise Outage(f"{overtaken} Nothing was decided about the landing {part.fingerprint}.") from overtaken


def verdict(contract: ContractSpec, key: str, store: Store, ledger: Ledger) -> Admission | None:
    """How the landing that is there now was judged, None if it was not yet; BadData if it was quarantined."""
    intake = Intake(contract, store, ledger)
    return intake.outcome(intake.landed(key))
