"""What the approver reads, in Markdown: the core of the card, and where the whole of it is."""

from include.card import publish
from include.errors import NotFound
from include.lake import layout
from include.lake.store import Store
from include.registry import runs
from include.registry.registry import Version
from include.settings import FILES


def approval_text(wanted: Version, store: Store) -> str:
    """The core of the version's card as it was written when it was registered, with links to the page and the run.

    NotFound where there is none: nobody approves what nobody can read.
    """
    place = publish.core_place(wanted.model, wanted.run_id)
    if not store.exists(place):
        raise NotFound(
            f"{wanted.model} v{wanted.version} has no card at {store.locate(place)}. "
            f"Write it: python -m include register {wanted.model} --run {wanted.run_id}"
        )
    page = f"{FILES}/{layout.card(wanted.model, wanted.run_id)}"
    links = f"[The whole card]({page}), [MLflow run]({runs.run_url(wanted.run_id)})"
    return f"{store.read_bytes(place).decode()}\n\n{links}"
