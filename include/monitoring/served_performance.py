"""How well the champion does for those who ask the service: measured where labels came back, estimated where not."""

from datetime import date, timedelta

import numpy as np

from include.errors import NothingToDo
from include.lake.store import Store
from include.ledger import Ledger
from include.monitoring import feedback
from include.monitoring.feedback import Answers, Feedback
from include.monitoring.maturity import maturity, watermark
from include.monitoring.measure import (
    Champion,
    Performance,
    champion_now,
    history_days,
    of_champion,
    summary,
)
from include.monitoring.outcomes import Outcomes
from include.monitoring.performance import Labels, Measurements, judge
from include.monitoring.recording import record
from include.monitoring.telling import told
from include.monitoring.traffic import place, traffic
from include.spec import ModelSpec
from include.training.data import partition_key


class ServedPerformance(Performance):
    """What was measured of the champion's answers to requests, and how much of it came back as labels."""

    answers: int
    labelled: int
    unusable: int


def measure(spec: ModelSpec, day: date, store: Store, ledger: Ledger) -> ServedPerformance:
    """The champion's performance as it was known at the end of a day, stored and recorded.

    Only its own answers to requests in turn, and labels of days up to the watermark. NothingToDo without a champion,
    and where it answered nothing in all the time that is looked at.
    """
    champion = champion_now(spec, store, ledger)
    days = {
        one: seen
        for one, seen in traffic(spec, day, history_days(spec), store).items()
        if seen.answered(champion.version)
    }
    if not days:
        raise NothingToDo(f"{spec.name} v{champion.version} answered nobody up to {day}: there is nothing to measure.")
    asked = feedback.answers(spec, champion.version, days, store)
    known = feedback.feedback(spec, asked, min(days), day, store)
    found = _measurements(spec, day, tuple(days), asked, known, champion, store)
    verdict, labelled = judge(found, spec.gates, spec.monitoring), int(np.count_nonzero(~np.isnan(known.target)))
    came = f"labels of {labelled} of {len(known.target)} answers came" + (
        f", {known.unusable} are no {spec.target.column}" if known.unusable else ""
    )
    made = ServedPerformance(
        model=spec.name, version=champion.version, key=partition_key(spec.contract, day), found=found, verdict=verdict,
        sentence=f"{told(found, verdict, spec.gates)}; {came} (champion v{champion.version})",
        answers=len(known.target), labelled=labelled, unusable=known.unusable,
    )  # fmt: skip
    kept = place(spec.name, day.isoformat(), "performance")
    record("served_performance", made, kept, summary(made), store, ledger)
    return made


def _measurements(
    spec: ModelSpec, today: date, days: tuple[date, ...], asked: Answers, known: Feedback, champion: Champion,
    store: Store,
) -> Measurements:  # fmt: skip
    came = feedback.arrivals(days, asked, known, today)
    ripe = maturity(came, today, spec.label_delay_days)
    mark = watermark(came, today, ripe.age)
    waiting = mark.waiting if mark.day is not None else ()  # where no label ever came, none is awaited
    first = today - timedelta(days=spec.monitoring.performance_days - 1)
    codes = asked.rows.days.codes
    ripened = np.array([mark.day is not None and one <= mark.day and one not in mark.waiting for one in days])
    recent = np.array([one >= first for one in days])
    return of_champion(
        spec,
        champion,
        Labels(
            watermark=None if mark.day is None else partition_key(spec.contract, mark.day), age=ripe.age,
            shares=ripe.shares, waiting=tuple(partition_key(spec.contract, one) for one in waiting),
        ),
        Outcomes(asked.rows, known.target).where(ripened[codes] & ~np.isnan(known.target)),
        asked.rows.where(recent[codes]),
        store,
    )  # fmt: skip
