"""The steps of the daily watch."""

import logging
from datetime import timedelta

from include.errors import NothingToDo, PerennialError
from include.incident.roll_back import cut_off
from include.lake import layout
from include.ledger import Ledger
from include.monitoring import following, measure, watch
from include.monitoring.policy import FollowUp
from include.monitoring.recording import WATCH
from include.release import rolling
from include.release.declared import in_force
from include.release.rollout import By
from include.spec import ModelSpec, load_model
from include.steps.place import lake, ledger
from include.steps.release import roll_back, tell_incident
from include.steps.step import Result
from include.steps.training import request
from include.training.data import partition_day

log = logging.getLogger(__name__)


def assess(model: str, key: str) -> Result:
    """The drift verdict of the window that ends with this partition."""
    verdict = watch.assess(declared(model), key, lake(), ledger())
    return Result(
        sentence=f"{model} {key}: {verdict.sentence}",
        facts={"tier": verdict.tier, "version": verdict.version, "rows": verdict.rows},
        evidence=f"{watch.folder(model, key)}/verdict.json",
    )


def measure_performance(model: str, key: str) -> Result:
    """The champion's performance where labels are in, and its estimate up to this partition."""
    found = measure.measure(declared(model), key, lake(), ledger())
    return Result(
        sentence=f"{model} {key}: {found.sentence}",
        facts={"tier": found.verdict.tier, "version": found.version, "watermark": found.found.labels.watermark},
        evidence=f"{watch.folder(model, key)}/performance.json",
    )


def report(model: str, key: str) -> Result:
    """The Evidently report of that window, and whether a classifier can tell its rows from the reference's."""
    found = watch.write_report(declared(model), key, lake(), ledger())
    told = f"; {found.joint.sentence}" if found.joint else ""
    return Result(sentence=f"{model} {key}: report at {found.place}{told}", evidence=found.place)


def apply_policy(model: str, key: str) -> Result:
    """Does what the verdicts call for: a request for training or a rollback; NothingToDo, with the reason, otherwise.

    A request is announced by the run that put it on record alone: a rerun starts no second training.
    """
    spec, book = declared(model), ledger()
    decided = following.apply_policy(spec, key, book)
    as_of = partition_day(spec.contract, key) + timedelta(days=1)
    return carry_out(spec, key, decided, as_of.isoformat(), book)


def carry_out(spec: ModelSpec, key: str, decided: FollowUp, as_of: str, book: Ledger) -> Result:
    """Does what was decided about a day; a training stands on `as_of`.

    A rollback of the watch that was cut off is finished instead: the verdicts that called for it are of a version that
    is champion no more. Where its incident alone is missing, that is gathered first.
    """
    model, champion = spec.name, book.champion(spec.name)
    if champion is not None and (champion.action, champion.actor) == ("roll_back", WATCH):
        if cut_off(model, book):
            return _rolled_back(model, champion.reason)
        if not lake().exists(f"{layout.incident(model, champion.sequence)}/incident.html"):
            _incident(model)
    if decided.action == "roll_back":
        return _rolled_back(model, decided.reason)
    if decided.action == "hold_canary":
        state = rolling.steer(spec, "hold", None, By(WATCH, decided.reason), book)
        return Result(sentence=f"{model} {key}: v{state.version} is held: {decided.reason}")
    if decided.action != "request_training":
        outcome = "nothing follows" if decided.action == "nothing" else decided.action.replace("_", " ")
        raise NothingToDo(f"{model} {key}: {outcome}: {decided.reason}")
    if any(one.actor == WATCH for one in book.decisions(model, kind="training_request", subject=as_of)):
        raise NothingToDo(f"{model} {key}: training as of {as_of} was requested before. To train again: train_{model}")
    return request(model, as_of, decided.reason, WATCH)


def declared(model: str) -> ModelSpec:
    """What holds for the present champion: after a rollback its own thresholds."""
    return in_force(load_model(model), lake(), ledger())


def _rolled_back(model: str, reason: str) -> Result:
    """The former champion serves again; nothing that goes wrong in gathering the incident undoes that."""
    made = roll_back(model, None, reason, WATCH)
    return made.model_copy(update={"evidence": _incident(model)})


def _incident(model: str) -> str | None:
    """Where the newest rollback's incident is; None where it could not be gathered."""
    try:
        return tell_incident(model).evidence
    except PerennialError as problem:
        log.error("The incident of %s was not gathered: %s", model, problem)
        return None
