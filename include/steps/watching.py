"""The steps of the daily watch."""

from datetime import timedelta

from include.errors import NothingToDo
from include.incident import roll_back as incident
from include.monitoring import following, measure, watch
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


def measure_performance(model: str, key: str) -> Result:
    """The champion's performance where labels are in, and its estimate up to this partition."""
    found = measure.measure(load_model(model), key, lake(), ledger())
    return Result(
        sentence=f"{model} {key}: {found.sentence}",
        facts={"tier": found.verdict.tier, "version": found.version, "watermark": found.found.labels.watermark},
        evidence=f"{watch.folder(model, key)}/performance.json",
    )


def report(model: str, key: str) -> Result:
    """The Evidently report of that window."""
    place = watch.write_report(load_model(model), key, lake(), ledger())
    return Result(sentence=f"{model} {key}: report at {place}", evidence=place)


def apply_policy(model: str, key: str) -> Result:
    """Does what the verdicts call for: a request for training or a rollback; NothingToDo, with the reason, otherwise.

    A request is announced by the run that put it on record alone: a rerun starts no second training.
    """
    spec, book = load_model(model), ledger()
    decided = following.apply_policy(spec, key, book)
    if decided.action == "roll_back":
        champion = incident.roll_back(spec, None, watch.WATCH, decided.reason, book)
        return Result(
            sentence=f"{model} {key}: v{champion.version} is champion again: {decided.reason}",
            facts={"version": champion.version, "replaces": champion.replaces},
        )
    if decided.action != "request_training":
        outcome = "nothing follows" if decided.action == "nothing" else decided.action.replace("_", " ")
        raise NothingToDo(f"{model} {key}: {outcome}: {decided.reason}")
    as_of = (partition_day(spec.contract, key) + timedelta(days=1)).isoformat()
    if any(one.actor == watch.WATCH for one in book.decisions(model, kind="training_request", subject=as_of)):
        raise NothingToDo(f"{model} {key}: training as of {as_of} was requested before. To train again: train_{model}")
    return request(model, as_of, decided.reason, watch.WATCH)
