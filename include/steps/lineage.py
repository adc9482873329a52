"""The steps that look at the data versions stand on."""

from datetime import UTC, datetime, timedelta

from include.errors import NotFound, NothingToDo
from include.evaluation.reference import window_profile
from include.lake.snapshot import Snapshot
from include.ledger import PartitionRecord
from include.lineage import change, garbage
from include.registry import registry, runs
from include.spec import load_contract, load_model
from include.steps.place import lake, ledger, moment
from include.steps.step import Result

COLUMNS = 10  # of a change, those that moved most


def data_diff(model: str, before: str, after: str) -> Result:
    """What changed in the training data between two versions of a model."""
    load_model(model)
    old, new = _learnt_from(model, before), _learnt_from(model, after)
    found = _change(old, new)
    return Result(sentence=f"{model} v{before} to v{after}: {found.sentence}", facts=_facts(found))


def snapshot(dataset: str, known_at: str | None, since: str | None) -> Result:
    """What the lake holds of a dataset, or held at a moment, and what changed since an earlier one."""
    load_contract(dataset)
    now = _known(dataset, known_at)
    first, last = now.entries[0].key, now.entries[-1].key
    held = f"{len(now.entries)} partitions ({now.rows} rows) from {first} to {last}"
    facts: dict[str, str | int | float | None] = {"snapshot": now.id, "partitions": len(now.entries), "rows": now.rows}
    if since is None:
        return Result(sentence=f"{dataset}, known {known_at or 'now'}: {held}", facts=facts)
    found = _change(_known(dataset, since), now)
    return Result(
        sentence=f"{dataset}, known {known_at or 'now'}: {held}; since {since}: {found.sentence}",
        facts={**facts, **_facts(found)},
    )


def collect(dataset: str, older_than_days: str, delete: str, actor: str) -> Result:
    """Lists replaced partition versions that nothing stands on, and removes them where told to."""
    load_contract(dataset)
    days = int(older_than_days)
    found = garbage.garbage(dataset, datetime.now(UTC) - timedelta(days=days), ledger())
    if not found:
        raise NothingToDo(f"{dataset}: no version that was replaced more than {days} days ago is without a use.")
    if delete != "yes":
        return Result(sentence=f"{dataset}: {_counted(found)} could be removed: {_named(found)}")
    gone = garbage.remove(found, dataset, actor, lake(), ledger())
    return Result(
        sentence=f"{dataset}: {_counted(gone)} removed: {_named(gone)}",
        facts={"rows": sum(one.rows or 0 for one in gone)},
    )


def _counted(found: list[PartitionRecord]) -> str:
    return f"{len(found)} versions ({sum(one.rows or 0 for one in found)} rows)"


def _named(found: list[PartitionRecord]) -> str:
    return ", ".join(f"{one.key} {str(one.content_hash)[:12]}" for one in found)


def _known(dataset: str, moment_text: str | None) -> Snapshot:
    records = ledger().admitted(dataset, known_at=None if moment_text is None else moment(moment_text))
    if not records:
        raise NotFound(f"{dataset} had no admitted partition {f'at {moment_text}' if moment_text else 'yet'}.")
    return Snapshot.of(dataset, records)


def _change(old: Snapshot, new: Snapshot) -> change.Change:
    return change.change(old, new, (window_profile(old, lake()), window_profile(new, lake())))


def _facts(found: change.Change) -> dict[str, str | int | float | None]:
    return {
        "added": len(found.added),
        "removed": len(found.removed),
        "replaced": len(found.replaced),
        **{f"drift of {one.column}": round(one.effect, 4) for one in found.columns[:COLUMNS]},
    }


def _learnt_from(model: str, number: str) -> Snapshot:
    run_id = registry.version(model, number).run_id
    return runs.snapshots(run_id).training
