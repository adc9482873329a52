"""The command: a replay of a model's admitted history, with its figures and its page stored in the lake."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from include.errors import NotFound
from include.lake import layout
from include.lake.store import Store
from include.ledger import Ledger
from include.replay import policies
from include.replay.page import page
from include.replay.replay import Tell, replay
from include.replay.report import Report, report, steps
from include.spec import ModelSpec


def run(
    spec: ModelSpec,
    first: date,
    last: date,
    names: Sequence[str],
    file: Path | None,
    wanted: float | None,
    store: Store,
    ledger: Ledger,
    tell: Tell,
) -> Report:
    """Replays the named policies, of the file and those that are always there; all of them where none is named.

    With a wanted number of false alarms a year also the steps a suggestion takes. NotFound where a name is not known,
    or nothing was admitted.
    """
    if last < first:
        raise NotFound(f"From {first} to {last} there is no day: the first comes first.")
    known = {**policies.POLICIES, **(policies.read(file) if file else {})}
    tried = policies.chosen(names, known) | ({} if wanted is None else steps(spec, known))
    found = report(spec, first, last, replay(spec, first, last, tried, store, ledger, tell), wanted)
    place = folder(spec.name, first, last)
    store.write_bytes(f"{place}/replay.json", found.model_dump_json(indent=2).encode())
    store.write_bytes(f"{place}/timeline.html", page(found).encode())
    return found


def folder(model: str, first: date, last: date) -> str:
    """Where the figures and the page of a replay lie in the lake."""
    return f"{layout.evidence(model)}/replay/{first}_{last}"
