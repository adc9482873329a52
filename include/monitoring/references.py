"""Which days the current window is compared with, as model.yaml says."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cache

from include.drift import Reference
from include.drift.reference import Keep
from include.errors import NothingToDo
from include.evaluation import reference
from include.features.history import with_history
from include.lake import layout
from include.lake.profile import Profile
from include.lake.snapshot import Snapshot
from include.lake.store import Store
from include.ledger import Ledger, PredictionRecord
from include.spec import ModelSpec
from include.training.data import partition_day, partition_key
from include.training.predictions import PREDICTION

SEASON = timedelta(days=45)  # to either side of the same day of an earlier year
YEAR = timedelta(days=365)


def chosen(spec: ModelSpec, run_id: str, first: str, store: Store, ledger: Ledger) -> Reference:
    """The reference for a window that begins with `first`: the champion's own, or the days before.

    NothingToDo while too few days before are scored.
    """
    rule = spec.monitoring
    if rule.reference != "rolling":
        return reference.load(spec.name, run_id, store)
    begin = partition_day(spec.contract, first)
    keys = (partition_key(spec.contract, begin - timedelta(days=days)) for days in (rule.reference_days, 1))
    before = ledger.predictions(spec.name, *keys)
    if len(before) < fewest(spec):
        raise NothingToDo(
            f"{spec.name}: {len(before)} of the {rule.reference_days} days before {first} are scored, and a rolling "
            f"reference needs {fewest(spec)}. Backfill them, or wait."
        )
    return of_days(seen(spec, before, store, ledger))


def of_days(days: Mapping[str, Profile]) -> Reference:
    """The reference that days before make, each with its features and its prediction."""
    features, said = ({key: _columns(day, prediction) for key, day in days.items()} for prediction in (False, True))
    return Reference.of(features, said)


def fewest(spec: ModelSpec) -> int:
    """How many days before a window make a rolling reference."""
    return 2 * spec.monitoring.window_days


def alike(spec: ModelSpec, keys: Iterable[str], known: Iterable[str]) -> Keep:
    """Which partitions are compared with these: all of them, or those of the same weekdays and season.

    The season is asked for where the `known` days reach back for a year: days that lie within 45 days of the window's
    last day, years earlier.
    """
    if spec.monitoring.reference != "matched":
        return lambda key: True  # noqa: ARG005 - of whatever key
    days = [partition_day(spec.contract, key) for key in keys]
    weekdays, last = {day.weekday() for day in days}, days[-1]
    seasonal = any(_in_season(partition_day(spec.contract, key), last) for key in known)

    @cache  # each column asks of the same days
    def keep(key: str) -> bool:
        day = partition_day(spec.contract, key)
        return day.weekday() in weekdays and (not seasonal or _in_season(day, last))

    return keep


def scored(spec: ModelSpec, predictions: list[PredictionRecord], ledger: Ledger) -> Snapshot:
    """The partitions as they were when they were scored: so many rows, so many predictions; their history as it is."""
    records = ledger.admitted_versions(spec.dataset, predictions[0].key, predictions[-1].key)
    admitted = {(one.key, one.content_hash): one for one in records}
    found = Snapshot.of(spec.dataset, (admitted[one.key, one.content_hash] for one in predictions))
    return with_history(found, spec.windows, spec.contract, ledger)


def seen(spec: ModelSpec, predictions: list[PredictionRecord], store: Store, ledger: Ledger) -> dict[str, Profile]:
    """The stored profile of each day, by key: its columns, and what scoring told of its rows, which are the answers and
    the window features."""
    days = reference.stored_days(scored(spec, predictions, ledger), store)
    told = {one.key: Profile.read(store, layout.profile(one.path)) for one in predictions}
    return {key: reference.with_columns(day, told[key].columns) for key, day in days.items()}


def _columns(day: Profile, prediction: bool) -> Profile:
    """The day with its prediction alone, or without it."""
    kept = {name: one for name, one in day.columns.items() if (name == PREDICTION) == prediction}
    return day.model_copy(update={"columns": kept})


def _in_season(day: date, last: date) -> bool:
    apart = last - day
    return apart >= YEAR - SEASON and min(apart % YEAR, YEAR - apart % YEAR) <= SEASON
