"""`make mutants`: breaks every gate on purpose, one small mistake at a time, and sees whether a test notices.

Tried again are the modules that changed since their score was taken, and those of which a mutant survived; with --all
every one. The score is kept after each module, so that a run that was cut off goes on where it was.
"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy: as many trials as cores run side by side

import pytest

from tests.mutation.mutants import Mutant, mutants
from tests.mutation.reach import reach
from tests.mutation.score import EQUIVALENT, KEPT, MINIMUM, Score, equivalent, fingerprint, keep, kept, subjects
from tests.mutation.session import with_tests
from tests.mutation.trial import Court, Subject


def main() -> int:
    """Takes the scores that are asked for; 1 where one is below the minimum, or with --check not the kept one."""
    chosen = _parser().parse_args()
    known, before = {one.path: one for one in subjects()}, kept()
    scores = {path: before[path] for path in known if path in before}
    asked = [one for one in known.values() if chosen.all or not _is_done(one, scores.get(one.path))]
    if chosen.modules:
        asked = [known[path] for path in chosen.modules]

    def record(subject: Subject, score: Score) -> None:
        scores[subject.path] = score
        if not chosen.check:
            keep(scores)

    for _, together in groupby(asked, key=lambda one: one.tests):
        _try(list(together), chosen.jobs, record)
    if chosen.check and scores != before:
        print(f"{KEPT} holds other scores. Run make mutants, and commit it.")
    return int(_is_low(scores) or (chosen.check and scores != before))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("modules", nargs="*", help="paths of modules; default: those that changed")
    parser.add_argument("--all", action="store_true", help="those that did not change, too")
    parser.add_argument("--check", action="store_true", help="keep nothing, and fail where the kept score is another")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    return parser


def _is_done(subject: Subject, score: Score | None) -> bool:
    return score is not None and score.source == fingerprint(subject.source) and not score.survived


def _try(subjects: Sequence[Subject], jobs: int, record: Callable[[Subject, Score], None]) -> None:
    """Takes the scores of modules that have their tests in the same place."""

    def work(items: Sequence[pytest.Item]) -> None:
        court = Court({item.nodeid: item for item in items}, reach(items), jobs)
        for subject in subjects:
            record(subject, _score(subject, court))

    with_tests(subjects[0].tests, work)


def _score(subject: Subject, court: Court) -> Score:
    made, excused = mutants(subject.source), equivalent().get(subject.path, {})
    gone = sorted(set(excused) - {one.name for one in made})
    if gone:
        raise SystemExit(
            f"{subject.path} has no such mutant any more; take it from equivalent.yaml:\n" + "\n".join(gone)
        )
    tried = [one for one in made if one.name not in excused]
    alive = list(_alive(subject, tried, court))
    print(f"{subject.path}: {len(tried) - len(alive)} of {len(tried)} noticed", flush=True)
    for name in alive:
        print(f"  {name}", flush=True)
    return Score(
        source=fingerprint(subject.source),
        mutants=len(made),
        noticed=len(tried) - len(alive),
        equivalent=len(excused),
        survived=tuple(alive),
    )


def _alive(subject: Subject, tried: Sequence[Mutant], court: Court) -> list[str]:
    found = []
    outcomes = court.survivors(subject, tried)
    for number, (one, survived) in enumerate(zip(tried, outcomes, strict=True), start=1):
        if sys.stderr.isatty():
            print(f"  {number} of {len(tried)}", end="\r", file=sys.stderr, flush=True)
        if survived:
            found.append(one.name)
    return found


def _is_low(scores: Mapping[str, Score]) -> bool:
    total, noticed = sum(one.mutants for one in scores.values()), sum(one.noticed for one in scores.values())
    same = sum(one.equivalent for one in scores.values())
    print(f"\n{noticed} of {total} mutants noticed, {same} equivalent, {total - noticed - same} survived")
    low = [path for path, one in scores.items() if one.share < MINIMUM]
    if low:
        print(f"Below {MINIMUM:.0%}: {', '.join(low)}")
        print(f"Add a test that tells each survivor from the source, or say in {EQUIVALENT} why no test could.")
    return bool(low)


if __name__ == "__main__":
    raise SystemExit(main())
