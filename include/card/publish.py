"""Where a card goes: the lake beside its evidence, the MLflow run, and a registered version's description."""

import logging

from include.card import html, markdown
from include.card.card import Card, card_of
from include.card.plots.draw import draw
from include.card.sources import read
from include.evaluation import evidence
from include.lake import layout
from include.lake.store import Store
from include.ledger import Ledger
from include.registry import card as registry
from include.spec import ModelSpec

log = logging.getLogger(__name__)


def core_place(model: str, run_id: str) -> str:
    """Where the core of a run's card lies in the lake: what the approver reads."""
    return f"{evidence.folder(model, run_id)}/card-core.md"


def publish(spec: ModelSpec, run_id: str, version: str | None, store: Store, ledger: Ledger) -> str:
    """Writes the card of a run as it stands now, over an older one; gives the place of its page.

    Whatever happened since is on it: an override, a registration, a promotion. Raises NotFound where the run has no
    manifest or evidence.
    """
    sources = read(spec, run_id, version, store, ledger)
    card, plots = card_of(sources), draw(sources)
    pictures = {f"card/{one.file}": one.svg for one in plots}
    page, text = html.page(card, plots).encode(), markdown.whole(card, plots).encode()
    core, folder = markdown.core(card), evidence.folder(spec.name, run_id)
    for name, content in {**pictures, "card.md": text, "card-core.md": core.encode(), "card.html": page}.items():
        store.write_bytes(f"{folder}/{name}", content)
    registry.log_card(run_id, {**pictures, "card.md": text, "card.html": page})
    if version is not None:
        registry.describe(spec.name, version, core, _tags(card, layout.card(spec.name, run_id)))
    log.info("Card of %s: %s", card.name, store.locate(layout.card(spec.name, run_id)))
    return layout.card(spec.name, run_id)


def _tags(card: Card, page: str) -> dict[str, str]:
    overridden = ", ".join(one.gate for one in card.overrides)
    return {"card": page, **({"overridden": overridden} if overridden else {})}
