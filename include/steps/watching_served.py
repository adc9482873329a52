"""The steps of the daily watch over what the service answered."""

from datetime import timedelta

from include.monitoring import following, served, served_performance
from include.monitoring.traffic import place
from include.monitoring.watched import SERVED
from include.steps.place import day as day_of
from include.steps.place import lake, ledger
from include.steps.step import Result
from include.steps.watching import carry_out, declared
from include.training.data import partition_key
from include.training.newest import day_after_newest


def assess_served(model: str, day: str) -> Result:
    """The verdicts on the window of live traffic that ends with this day, and on the day itself."""
    found = served.assess(declared(model), day_of(day), lake(), ledger())
    return Result(
        sentence=f"{model} {day}: {found.sentence}",
        facts={"tier": found.tier, "version": found.quality.version, "rows": found.quality.rows},
        evidence=place(model, day, "drift" if found.drift else "quality"),
    )


def measure_served(model: str, day: str) -> Result:
    """The champion's performance for those who asked the service, where labels came back."""
    found = served_performance.measure(declared(model), day_of(day), lake(), ledger())
    return Result(
        sentence=f"{model} {day}: {found.sentence}",
        facts={"tier": found.tier, "version": found.version, "answers": found.answers, "labelled": found.labelled},
        evidence=place(model, day, "performance"),
    )


def apply_served_policy(model: str, day: str) -> Result:
    """Does what the verdicts on live traffic call for, as those on scored partitions do.

    A training stands on the days of data that there are, however old the newest of them is.
    """
    spec, book = declared(model), ledger()
    decided = following.apply_policy(spec, partition_key(spec.contract, day_of(day)), book, SERVED)
    newest = day_after_newest(spec.dataset, spec.contract.partition_format, book)
    as_of = min(day_of(day) + timedelta(days=1), newest)
    return carry_out(spec, day, decided, as_of.isoformat(), book)
