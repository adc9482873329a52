"""How a verdict of the watch is kept: whole in the lake, its tier, sentence and a few numbers in the ledger."""

import json
import logging
from collections.abc import Mapping
from typing import Protocol

from include.drift import Tier
from include.lake.store import Store
from include.ledger import Decision, Ledger
from include.ledger.records import DecisionKind

WATCH = "watch"  # who decides here, for the record
log = logging.getLogger(__name__)


class Found(Protocol):
    """A verdict on a day."""

    @property
    def model(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def tier(self) -> Tier: ...
    @property
    def sentence(self) -> str: ...
    def model_dump_json(self, *, indent: int) -> str: ...


def record(
    kind: DecisionKind, found: Found, place: str, detail: Mapping[str, object], store: Store, ledger: Ledger
) -> None:
    """Stores what was found of a day at this place, then puts it on record; the same again is recorded once."""
    store.write_bytes(place, found.model_dump_json(indent=2).encode())
    ledger.record_decision(
        Decision(
            model=found.model, kind=kind, subject=found.key, outcome=found.tier, reason=found.sentence, actor=WATCH,
            evidence=place, detail=json.dumps(detail),
        ),
        once=True,
    )  # fmt: skip
    log.info("%s on %s: %s", found.model, found.key, found.sentence)
