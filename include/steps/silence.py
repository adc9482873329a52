"""The steps of the dead man's switch: they ask the ledger alone, and tell what did not come."""

from include.alerts import Notice, silence, tell
from include.alerts.quarantine import review_open
from include.ledger import Ledger
from include.ledger.records import now
from include.spec import load_contract, load_model
from include.steps.place import ledger
from include.steps.step import Result


def listen_for_partitions(dataset: str) -> Result:
    """Tells whether a dataset fell silent."""
    contract, book = load_contract(dataset), ledger()
    review_open(dataset, book)
    return _told([silence.partitions(contract, book, now())], book)


def listen_for_predictions(model: str) -> Result:
    """Tells whether a model has no new predictions, is asked no more, or got no training although one was requested."""
    spec, book, moment = load_model(model), ledger(), now()
    heard = (silence.predictions, silence.served, silence.training)
    return _told([one(spec, book, moment) for one in heard], book)


def _told(notices: list[Notice], book: Ledger) -> Result:
    for one in notices:
        tell(one, book)
    return Result(sentence="; ".join(one.sentence for one in notices), facts={one.cause: one.tier for one in notices})
