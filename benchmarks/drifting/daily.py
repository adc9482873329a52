"""One daily check: ours from stored profiles, and Evidently's on rows. Every sample is a process of its own."""

import time
import warnings
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.drifting.partition import names, profiled
from benchmarks.drifting.worlds import FEATURES, World, profiles, simulated
from benchmarks.gating.memory import peak_mb
from include.drift import Reference, weigh
from include.lake.profile import Profile
from include.spec import Monitoring

REFERENCE_DAYS = 10
CHECKS = 5  # in a process; the first one warms up
Sample = dict[str, float]


def store(folder: Path, rows: int, features: int) -> None:
    """The reference and the current day as the watch finds them, from simulated days of so many rows.

    Of more than fifty features the others are the same under another name.
    """
    world = World(rows, reference=REFERENCE_DAYS, after=1)
    counts = simulated(world, 1)
    days = profiles(world, counts, FEATURES, range(world.days))
    chosen = {
        f"{FEATURES[place % len(FEATURES)]}_{place}": FEATURES[place % len(FEATURES)] for place in range(features)
    }
    wide = {
        key: day.model_copy(update={"columns": {name: day.columns[like] for name, like in chosen.items()}})
        for key, day in days.items()
    }
    keep(folder, wide)


def keep(folder: Path, days: dict[str, Profile]) -> None:
    """The last day is the current one; the others are the reference, of which the first feature stands for the
    prediction."""
    *before, last = days
    first = next(iter(days[last].columns))
    said = {key: Profile(rows=days[key].rows, columns={"prediction": days[key].columns[first]}) for key in before}
    reference = Reference.of({key: days[key] for key in before}, said)
    folder.joinpath("reference.json").write_text(reference.model_dump_json())
    folder.joinpath("current.json").write_bytes(days[last].to_json())


def ours(folder: Path) -> Sample:
    """Reads what is stored and weighs every feature."""
    warm_up = _checked(folder)
    spent = min((_timed(lambda: _checked(folder)) for _ in range(CHECKS - 1)), key=lambda one: one["cpu_seconds"])
    stored = sum(folder.joinpath(name).stat().st_size for name in ("reference.json", "current.json"))
    return {**spent, "peak_mb": peak_mb(), "features": warm_up, "bytes": stored}


def _checked(folder: Path) -> int:
    from include.lake import profile  # noqa: PLC0415 - what it remembers of the check before is to be forgotten

    profile._decoded.cache_clear()
    reference = Reference.model_validate_json(folder.joinpath("reference.json").read_bytes())
    current = Profile.from_json(folder.joinpath("current.json").read_bytes())
    found = weigh(reference.columns(tuple(current.columns), {"now": current}, lambda _: True), {}, Monitoring())
    return len(found)


def profiling(path: Path, features: int) -> Sample:
    """Reads the day's partition and profiles it; that is done once, when the partition is admitted."""
    spent = _timed(lambda: profiled(path, features))
    return {**spent, "peak_mb": peak_mb(), "features": features}


def evidently(reference: Path, current: Path, features: int) -> Sample:
    """The drift preset on the rows; they are in memory before the clock starts."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from evidently import DataDefinition, Dataset, Report  # noqa: PLC0415
        from evidently.presets import DataDriftPreset  # noqa: PLC0415

        numbers, words = names(features)
        kinds = DataDefinition(numerical_columns=numbers, categorical_columns=words)
        before, now = (
            Dataset.from_pandas(pq.read_table(path).to_pandas(), data_definition=kinds) for path in (reference, current)
        )
        spent = _timed(lambda: Report([DataDriftPreset()]).run(now, before).dict())
    return {**spent, "peak_mb": peak_mb(), "features": features}


def _timed(work: Callable[[], object]) -> Sample:
    """Seconds of CPU, of all threads, which a shared machine keeps apart from others' work; and those of the clock."""
    begin, clock = time.process_time(), time.perf_counter()
    work()
    return {"cpu_seconds": time.process_time() - begin, "seconds": time.perf_counter() - clock}
