"""The dead man's switch: what did not come in its time, told from the ledger alone."""

from datetime import UTC, date, datetime, time, timedelta

from include.alerts.notice import Notice
from include.ledger import Ledger
from include.spec import ContractSpec, ModelSpec

HOUR = timedelta(hours=1)
REGULAR = 0.7  # of a window's days
ANSWER_HOURS = 24  # a training that was asked for is fitted by then, and after what it may wait for its data


def partitions(contract: ContractSpec, ledger: Ledger, moment: datetime) -> Notice:
    """Whether the newest admitted day is as fresh as the contract wants it. Before the first day there is no silence.

    Ages are counted from the end of the day a key names, in UTC.
    """
    longest, newest = contract.freshness.max_age_hours, ledger.admitted(contract.dataset, most=1)
    sentence = f"{contract.dataset} is as fresh as freshness.max_age_hours wants it"
    late = False
    if longest is not None and newest:
        age = (moment - _end(contract.day_of(newest[-1].key))) / HOUR
        late = age > longest
        sentence = (
            f"{contract.dataset}: the newest admitted partition {newest[-1].key} ended {age:.0f} hours ago, "
            f"freshness.max_age_hours is {longest:g}"
        )
    if late:
        sentence += f". Ask the owner of the source ({contract.owner}) why nothing lands, and look at ingest."
    return Notice(
        of="dataset", about=contract.dataset, cause="no partitions", tier="critical" if late else "ok",
        sentence=sentence, runbook="nothing-comes",
    )  # fmt: skip


def predictions(spec: ModelSpec, ledger: Ledger, moment: datetime) -> Notice:
    """Whether the newest prediction is as fresh as the model's owner wants it; counted from the first champion on."""
    longest, since = spec.monitoring.max_age_hours, _served_since(spec, ledger)
    late, sentence = False, f"{spec.name} has predictions as fresh as monitoring.max_age_hours wants them"
    if longest is not None and since is not None:
        newest = ledger.newest_scored(spec.name)
        known = max(since, _end(spec.contract.day_of(newest))) if newest else since
        named = f"the newest predictions are those of {newest}" if newest else "there are no predictions"
        age = (moment - known) / HOUR
        late = age > longest
        sentence = f"{spec.name}: {named}, {age:.0f} hours old; monitoring.max_age_hours is {longest:g}"
    return Notice(
        of="model", about=spec.name, cause="no predictions", tier="critical" if late else "ok", sentence=sentence,
        runbook="nothing-comes",
    )  # fmt: skip


def served(spec: ModelSpec, ledger: Ledger, moment: datetime) -> Notice:
    """Whether the service still answers for a model that it answered for day after day.

    Known is what the watch over the service put on record: it looks at each day when it has ended. Who was asked on a
    day or two was tried out and is not missed; who is asked no more is missed for as long as the log is kept.
    """
    longest, window = spec.monitoring.max_age_hours, spec.monitoring.window_days
    days = [
        spec.contract.day_of(one.subject) for one in ledger.newest_decisions(spec.name, "served_quality", most=window)
    ]
    regular = [day for day in days if (days[-1] - day).days < window]
    late, sentence = False, f"{spec.name} is asked as often as monitoring.max_age_hours wants it, or never was"
    if longest is not None and len(regular) >= REGULAR * window:
        age = (moment - _end(days[-1])) / HOUR
        late = longest < age <= spec.serving.keep_days * 24
        sentence = (
            f"{spec.name}: the newest day the service is known to have answered on, {days[-1]}, ended {age:.0f} "
            f"hours ago; monitoring.max_age_hours is {longest:g}"
        )
    if late:
        sentence += f". Does anybody ask it, is it up, does its roller run, and is watch_served_{spec.name} unpaused?"
    return Notice(
        of="model", about=spec.name, cause="no served predictions", tier="critical" if late else "ok",
        sentence=sentence, runbook="nothing-comes",
    )  # fmt: skip


def training(spec: ModelSpec, ledger: Ledger, moment: datetime) -> Notice:
    """Whether the newest request for training was followed by a fit within a day and the time it may wait for data."""
    asked = next(reversed(ledger.decisions(spec.name, kind="training_request")), None)
    fitted = next(reversed(ledger.decisions(spec.name, kind="fit")), None)
    open_request = asked is not None and (fitted is None or fitted.recorded_at < asked.recorded_at)
    age = (moment - asked.recorded_at) / HOUR if asked else 0.0
    late = open_request and age > ANSWER_HOURS + spec.training.wait_hours
    sentence = f"{spec.name}: what was asked for is trained"
    if late and asked:
        sentence = (
            f"{spec.name}: the training as of {asked.subject} was requested {age:.0f} hours ago ({asked.reason}) and "
            f"nothing was fitted since. Look at train_{spec.name}; trigger it with the key {asked.subject}."
        )
    return Notice(
        of="model", about=spec.name, cause="training without an end", tier="alert" if late else "ok",
        sentence=sentence, runbook="nothing-comes",
    )  # fmt: skip


def _served_since(spec: ModelSpec, ledger: Ledger) -> datetime | None:
    return next((one.recorded_at for one in ledger.deployments(spec.name)), None)


def _end(day: date) -> datetime:
    return datetime.combine(day, time(), UTC) + timedelta(days=1)
