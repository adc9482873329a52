"""The steps that look at the data versions stand on."""

from datetime import UTC, datetime, timedelta

from include.errors import NothingToDo
from include.evaluation.reference import window_profile
from include.lake.snapshot import Snapshot
from include.lineage import change, garbage
from include.registry import registry, runs
from include.registry.manifest import Snapshots
from include.spec import load_contract, load_model
from include.steps.place import lake, ledger
from include.steps.step import Result

COLUMNS = 10  # of a change, those that moved most


def data_diff(model: str, before: str, after: str) -> Result:
    """What changed in the training data between two versions of a model."""
    load_model(model)
    old, new = _learnt_from(model, before), _learnt_from(model, after)
    found = change.change(old, new, (window_profile(old, lake()), window_profile(new, lake())))
    return Result(
        sentence=f"{model} v{before} to v{after}: {found.sentence}",
        facts={
            "added": len(found.added),
            "removed": len(found.removed),
            "replaced": len(found.replaced),
            **{f"drift of {one.column}": round(one.effect, 4) for one in found.columns[:COLUMNS]},
        },
    )


def collect(dataset: str, older_than_days: str, delete: str) -> Result:
    """Lists replaced partition versions that nothing stands on, and removes them where told to."""
    load_contract(dataset)
    store, days = lake(), int(older_than_days)
    found = garbage.garbage(dataset, datetime.now(UTC) - timedelta(days=days), ledger())
    if not found:
        raise NothingToDo(f"{dataset}: no version that was replaced more than {days} days ago is without a use.")
    rows, named = (
        sum(one.rows or 0 for one in found),
        ", ".join(f"{one.key} {str(one.content_hash)[:12]}" for one in found),
    )
    if delete != "yes":
        return Result(sentence=f"{dataset}: {len(found)} versions ({rows} rows) could be removed: {named}")
    garbage.remove(found, store)
    return Result(sentence=f"{dataset}: {len(found)} versions ({rows} rows) removed: {named}", facts={"rows": rows})


def _learnt_from(model: str, number: str) -> Snapshot:
    run_id = registry.version(model, number).run_id
    return Snapshots.model_validate_json(runs.snapshots_text(run_id)).training
