"""The steps of the daily watch."""

from datetime import timedelta

from include.errors import NothingToDo
from include.monitoring import watch
from include.spec import load_model
from include.steps.place import lake, ledger
from include.steps.step import Result
from include.steps.training import request
from include.training.data import partition_day


def assess(model: str, key: str) -> Result:
    """The drift verdict of the window that ends with this partition."""
    verdict = watch.assess(load_model(model), key, lake(), ledger())
    return Result(
        sentence=f"{model} {key}: {verdict.sentence}",
        facts={"tier": verdict.tier, "version": verdict.version, "rows": verdict.rows},
        evidence=f"{watch.folder(model, key)}/verdict.json",
    )


def report(model: str, key: str) -> Result:
    """The Evidently report of that window."""
    place = watch.write_report(load_model(model), key, lake(), ledger())
    return Result(sentence=f"{model} {key}: report at {place}", evidence=place)


def apply_policy(model: str, key: str) -> Result:
    """Requests a training where the verdicts call for one; NothingToDo, with the reason, where they do not."""
    spec = load_model(model)
    decided = watch.apply_policy(spec, key, ledger())
    if decided.action == "nothing":
        raise NothingToDo(f"{model} {key}: nothing follows: {decided.reason}")
    as_of = partition_day(spec.contract, key) + timedelta(days=1)
    return request(model, as_of.isoformat(), decided.reason, watch.WATCH)
