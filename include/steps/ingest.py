"""The steps of ingest: find what landed, then admit or quarantine one partition."""

from datetime import UTC, datetime, timedelta

from include.alerts.quarantine import review
from include.contract import Admission, admission
from include.contract.intake import Acceptance
from include.contract.quarantined import CHOICES, settle
from include.errors import NotFound, NothingToDo
from include.ledger import Ledger
from include.serving.batch import admitted, concerns, overdue
from include.spec import load_contract, load_models
from include.steps.place import lake, ledger
from include.steps.step import MOST_AT_ONCE, Result

PATIENCE = timedelta(hours=1)  # an event gets so long to be followed by predictions


def find(dataset: str) -> Result:
    """The keys that landed and were not judged, and those that a champion has not scored for a while.

    The ledger decides, not the event that woke us: what an event missed is found again here.
    """
    book, contract = ledger(), load_contract(dataset)
    keys = admission.find(contract, lake(), book)
    models = [model for model in load_models().models.values() if model.dataset == dataset]
    late = sorted({key for model in models for key in overdue(model, book, datetime.now(UTC) - PATIENCE)} - set(keys))
    if not keys and not late:
        raise NothingToDo(f"{dataset}: everything that landed is judged and scored.")
    return Result(
        sentence=f"{dataset}: {_counted(keys)} landed and not judged; {_counted(late)} admitted but never scored",
        each=(*({"key": key} for key in keys), *({"key": key, "announce": "again"} for key in late))[:MOST_AT_ONCE],
    )


def admit(dataset: str, key: str, announce: str) -> Result:
    """Admits one partition and announces it, or quarantines it and raises BadData.

    A landing that is admitted already is announced again: a run that was cut off may not have done so. With
    `announce` again nothing is judged, and the newest admitted version is announced.
    """
    contract, store, book = load_contract(dataset), lake(), ledger()
    if announce == "again":
        return Result(
            sentence=f"{dataset} {key}: {admitted(dataset, key, book).rows} rows announced again", announces=(key,)
        )
    try:
        found = admission.verdict(contract, key, store, book) or admission.admit(contract, key, store, book)
    finally:
        review(dataset, key, book)
    if found.status == "duplicate":
        raise NothingToDo(
            f"{dataset} {key} landed again with the same content {found.content_hash[:12]}.", found.evidence
        )
    if _is_history(dataset, key, book):
        history = "history, so it is not announced: `backfill` has it scored"
        return _admitted(found).model_copy(update={"announces": (), "sentence": f"{_told(found)}; {history}"})
    return _admitted(found)


def _is_history(dataset: str, key: str, book: Ledger) -> bool:
    """Whether there are champions of this dataset and the partition concerns none of them."""
    models = [model for model in load_models().models.values() if model.dataset == dataset]
    serving = [model for model in models if book.champion(model.name) is not None]
    return bool(serving) and not any(concerns(model, key, book) for model in serving)


def judge_quarantined(dataset: str, key: str, how: str, reason: str, actor: str) -> Result:
    """Settles what is to become of a quarantined partition, and announces it if it is admitted."""
    contract = load_contract(dataset)
    if how not in CHOICES:
        raise NotFound(f"'{how}' cannot be done with a quarantined partition. Choices: {', '.join(CHOICES)}.")
    if len(actor.strip()) < 2 or len(reason.strip()) < 3:  # noqa: PLR2004
        raise NotFound("Say who decides and why: both are kept with the decision.")
    decided = Acceptance(actor.strip(), reason.strip())
    try:
        found = settle(contract, key, how, decided, lake(), ledger())
    finally:
        review(dataset, key, ledger())
    return Result(sentence=f"{dataset} {key} discarded by {actor}: {reason}") if found is None else _admitted(found)


def _admitted(found: Admission) -> Result:
    return Result(
        sentence=_told(found),
        announces=(found.key,),
        facts={"rows": found.rows, "content_hash": found.content_hash},
        evidence=found.evidence,
    )


def _told(found: Admission) -> str:
    again = f", replacing {found.version_of[:12]}" if found.version_of else ""
    noted = f"; noted: {found.remark}" if found.remark else ""
    facts = f"{found.rows} rows, content {found.content_hash[:12]}"
    return f"{found.dataset} {found.key} {found.status}: {facts}{again}{noted}"


def _counted(keys: list[str]) -> str:
    if not keys:
        return "none"
    return ", ".join(keys) if len(keys) <= 3 else f"{len(keys)} ({keys[0]} to {keys[-1]})"  # noqa: PLR2004
