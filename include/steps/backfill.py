"""The steps of a backfill: what is missing of one past day, announced to nobody, so that nothing else starts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from include.contract import admission
from include.errors import BadData, NotFound, NothingToDo
from include.lake import landed_partition
from include.ledger import Ledger
from include.release.declared import in_force
from include.serving import batch
from include.spec import ContractSpec, load_contract, load_model, load_models
from include.steps.place import day, lake, ledger
from include.steps.step import Result
from include.training.data import partition_day, partition_key


@dataclass(frozen=True)
class Day:
    """What became of one day: what was done, and what is wrong with it. Neither: there was nothing to do."""

    key: str
    done: tuple[str, ...]
    wrong: tuple[str, ...]


def admit(dataset: str, key: str) -> Result:
    """Judges the partition as it has landed, unless that was done. NothingToDo where nothing has landed.

    A partition in quarantine is BadData, each time: the range is not complete.
    """
    contract, store, book = load_contract(dataset), lake(), ledger()
    partition_day(contract, key)
    part = landed_partition(contract, store, key)
    if part is None or not part.settled:
        raise NothingToDo(f"{dataset} {key}: {_without_landing(contract, key, book)}.")
    known = admission.verdict(contract, key, store, book)
    if known is not None:
        raise NothingToDo(f"{dataset} {key} was judged before: {known.status}, {known.rows} rows.")
    found = admission.admit(contract, key, store, book)
    return Result(sentence=f"{dataset} {key} {found.status}: {found.rows} rows", evidence=found.evidence)


def score(model: str, key: str, version: str | None) -> Result:
    """Scores the partition as it is, unless the version has (by default the champion). NothingToDo where it has."""
    store, book = lake(), ledger()
    spec = in_force(load_model(model), store, book)
    partition_day(spec.contract, key)
    if not book.admitted(spec.dataset, key, key):
        raise NothingToDo(f"{model}: partition {key} of {spec.dataset} is not admitted, so there is nothing to score.")
    if batch.is_scored(spec, key, store, book, version):
        raise NothingToDo(f"{model}: {key} is scored by {f'v{version}' if version else 'the champion'} already.")
    record = batch.score(spec, key, store, book, version)
    return Result(
        sentence=f"{model} v{record.version} scored {record.rows} rows of {key}",
        facts={"version": record.version, "rows": record.rows, "path": record.path},
    )


def days(dataset: str, first: str, last: str) -> Iterator[Day]:
    """Each day from `first` to `last` (YYYY-MM-DD, inclusive) as it is done, the earliest first.

    What was done before is found done, so a run that was cut off is simply started again.
    """
    begin, end, contract = day(first), day(last), load_contract(dataset)
    if end < begin:
        raise NotFound(f"There is no day from {begin} to {end}: the first day is after the last.")
    models = [model.name for model in load_models().models.values() if model.dataset == dataset]
    for number in range((end - begin).days + 1):
        yield _day(dataset, models, partition_key(contract, begin + timedelta(days=number)))


def _day(dataset: str, models: list[str], key: str) -> Day:
    done, wrong = [], []
    for step, target in [(admit, dataset), *((_score, model) for model in models)]:
        try:
            done.append(step(target, key).sentence)
        except NothingToDo:
            continue
        except BadData as problem:
            wrong.append(str(problem))
            break
    return Day(key, tuple(done), tuple(wrong))


def _score(model: str, key: str) -> Result:
    return score(model, key, None)


def _without_landing(contract: ContractSpec, key: str, book: Ledger) -> str:
    admitted = book.admitted(contract.dataset, key, key)
    return f"admitted before, {admitted[0].rows} rows" if admitted else "nothing complete has landed"
