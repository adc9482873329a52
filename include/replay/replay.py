"""The loop over the past, morning by morning, all policies side by side."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta

from croniter import croniter

from include.errors import NotFound, PerennialError
from include.lake.store import Store
from include.ledger import Ledger
from include.replay.challenger import Challenger
from include.replay.history import History
from include.replay.outcome import Outcome
from include.replay.policies import Policy
from include.replay.scoring import Scored
from include.replay.trial import Trial
from include.replay.watching import Watch
from include.replay.workshop import Workshop
from include.spec import ModelSpec

DAY = timedelta(days=1)
Tell = Callable[[str], None]


def replay(
    spec: ModelSpec,
    first: date,
    last: date,
    policies: Mapping[str, Policy],
    store: Store,
    ledger: Ledger,
    tell: Tell = lambda line: None,  # noqa: ARG005
) -> list[Outcome]:
    """What would have become of each policy from `first` to `last`, both served.

    All begin with the champion that a training on the first morning would have made. On each morning, only what was
    known then is seen. In memory are the rows of one training per core and of one day, the models that serve or are
    compared, and every day's profile. NotFound where nothing was admitted in the range or can be learnt before it.
    """
    history = History.read(spec.contract, last, ledger)
    with Workshop.opened(history, store) as workshop:
        trials = [_trial(name, policy, spec, first, workshop) for name, policy in policies.items()]
        for morning in _mornings(first + DAY, last + DAY):
            for scored in _arrived(spec, first, morning, workshop):
                for trial in trials:
                    trial.score(scored)
            watch = Watch()
            for trial in trials:
                _decide(trial, morning, watch, workshop, tell)
                _order_next(trial, morning, last, workshop)
    if not trials[0].days:
        raise NotFound(f"No day of {spec.dataset} from {first} to {last} was admitted: there is nothing to replay.")
    return [trial.outcome() for trial in trials]


def _trial(name: str, policy: Policy, spec: ModelSpec, first: date, workshop: Workshop) -> Trial:
    applied = policy.applied(name, spec)
    return Trial(name, policy, applied, workshop.challenger(applied, first))


def _arrived(spec: ModelSpec, first: date, morning: date, workshop: Workshop) -> Iterator[Scored]:
    """What is scored on a morning: the day that came in the night, and those that came late."""
    for record in workshop.history.arrived(morning):
        day = spec.contract.day_of(record.key)
        if day >= first:
            yield Scored.read(spec, day, morning, workshop)


def _decide(trial: Trial, morning: date, watch: Watch, workshop: Workshop, tell: Tell) -> None:
    reasons = ["schedule"] if _next(trial.spec, morning - DAY) == morning else []
    if trial.days and trial.days[-1].day == morning - DAY:
        decided, alarm = trial.watch(morning, watch)
        if alarm is not None:
            made = _made(trial, morning, workshop)
            alarm.fresh = None if isinstance(made, PerennialError) else made
        reasons += [decided.reason] if decided.action == "request_training" else []
    if reasons:
        _train(trial, morning, "; ".join(reasons), workshop, tell)


def _train(trial: Trial, morning: date, why: str, workshop: Workshop, tell: Tell) -> None:
    made = _made(trial, morning, workshop)
    if isinstance(made, PerennialError):
        trial.failed(morning, why, made)
    else:
        trial.compare(made, why, workshop.history)
    tell(f"{morning} {trial.name}: {'promoted' if trial.trainings[-1].promoted else 'kept out'} ({why})")


def _made(trial: Trial, morning: date, workshop: Workshop) -> Challenger | PerennialError:
    try:
        return workshop.challenger(trial.spec, morning)
    except PerennialError as problem:
        return problem


def _order_next(trial: Trial, morning: date, last: date, workshop: Workshop) -> None:
    """What the schedule will ask for is made beside the days before it."""
    following = _next(trial.spec, morning)
    if following is not None and following <= last + DAY:
        workshop.order(trial.spec, following)


def _next(spec: ModelSpec, after: date) -> date | None:
    """The next day after one on which the model's schedule asks for a training."""
    if spec.training.schedule is None:
        return None
    evening = datetime.combine(after + DAY, time(), UTC) - timedelta(seconds=1)
    following: datetime = croniter(spec.training.schedule, evening).get_next(datetime)
    return following.date()


def _mornings(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += DAY
