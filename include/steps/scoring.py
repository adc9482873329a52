"""The steps of scoring: one partition as it is admitted, or what is missing of a range."""

from include.errors import NothingToDo
from include.registry import registry
from include.release.declared import in_force
from include.serving import batch
from include.spec import load_model
from include.steps.place import lake, ledger
from include.steps.step import MOST_AT_ONCE, Result
from include.training.data import partition_day


def score(model: str, key: str) -> Result:
    """Scores one admitted partition with the champion."""
    spec = in_force(load_model(model), lake(), ledger())
    record = batch.score(spec, key, lake(), ledger())
    return Result(
        sentence=f"{model} v{record.version} scored {record.rows} rows of {key}",
        announces=(key,),
        facts={"version": record.version, "rows": record.rows, "path": record.path},
    )


def find(model: str, first: str, last: str, version: str | None) -> Result:
    """The admitted partitions from `first` to `last` that the version has not scored, each with its number.

    The number is settled here: a promotion meanwhile does not split the range.
    """
    spec, store, book = load_model(model), lake(), ledger()
    for key in (first, last):
        partition_day(spec.contract, key)
    number = version or batch.champion(spec, book)
    registry.version(model, number)
    there = [one.key for one in book.admitted(spec.dataset, first, last)]
    keys = [key for key in there if not batch.is_scored(spec, key, store, book, number)]
    said = f"{model} v{number}: {len(keys)} of {len(there)} partitions from {first} to {last} are not scored"
    if not keys:
        raise NothingToDo(f"{said}: there is nothing to do.")
    if len(keys) > MOST_AT_ONCE:
        said += f"; the first {MOST_AT_ONCE} now, start it again for the rest"
    return Result(sentence=said, each=tuple({"key": key, "version": number} for key in keys[:MOST_AT_ONCE]))
