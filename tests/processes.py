"""Work in processes of their own: killed at a change it makes, or held up while others go on."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from include.contract import admit
from include.contract.intake import Acceptance
from include.contract.publication import Publishing
from include.contract.quarantined import How, settle
from include.errors import PerennialError
from include.lake import Store
from include.ledger import Ledger
from tests.killing import dies_at
from tests.landing import contract

ANN = Acceptance("ann", "it was a strange day")

# Children are forked from a server that has imported everything and has no threads.
FORKS = multiprocessing.get_context("forkserver")
PRELOADED = ["tests.processes", "include.contract.expectations", "include.contract.data_docs"]
FORKS.set_forkserver_preload(PRELOADED)


def killed_at(point: int, how: How | None, key: str, lake: str, url: str) -> bool:
    """Admits or settles in a process of its own that is killed at the point; False if it ended before it got there."""
    return killed(point, lake, perform, how, key, lake, url)


def killed(point: int, folder: str, work: Callable[..., object], *arguments: object) -> bool:
    """Does the work in a process of its own that is killed at its change of that number in the folder or the ledger.

    False if it ended before it got there.
    """
    process = FORKS.Process(target=_work, args=(point, folder, work, arguments))
    process.start()
    process.join()
    assert process.exitcode in {0, -signal.SIGKILL}
    return process.exitcode != 0


def perform(how: How | None, key: str, lake: str, url: str) -> str:
    """Admits what landed, or settles what is in quarantine; gives how it ended: a status, or the kind of error."""
    store, ledger = Store.open(lake), Ledger.open(url)
    try:
        found = (
            admit(contract(), key, store, ledger) if how is None else settle(contract(), key, how, ANN, store, ledger)
        )
    except PerennialError as error:
        return type(error).__name__
    return "discarded" if found is None else found.status


def scored(key: str, environ: dict[str, str]) -> None:
    """Has the champion score a partition of the installation that the environment names."""
    from include.steps import STEPS  # noqa: PLC0415

    os.environ.update(environ)
    STEPS["score"].run("trip_late", {"key": key})


def at_once(times: int, key: str, lake: str, url: str) -> list[str]:
    """Admits the same landing in so many processes at once; gives how each of them ended."""
    with FORKS.Pool(times) as pool:
        return pool.starmap(perform, [(None, key, lake, url)] * times, chunksize=1)


@contextmanager
def held_up(step: str, how: How | None, key: str, lake: str, url: str) -> Iterator[Callable[[], str]]:
    """The work in a process of its own that waits before a step of `Publishing`; what is given lets it go on."""
    arrived, go, ends = FORKS.Event(), FORKS.Event(), FORKS.Queue()
    process = FORKS.Process(target=_wait, args=(step, (how, key, lake, url), arrived, go, ends))
    process.start()
    try:
        assert arrived.wait(60)

        def end() -> str:
            go.set()
            return str(ends.get(timeout=60))

        yield end
    finally:
        go.set()
        process.join()


def _wait(step: str, work: tuple[How | None, str, str, str], arrived: Any, go: Any, ends: Any) -> None:
    method = getattr(Publishing, step)

    def waiting(*arguments: Any) -> Any:
        arrived.set()
        go.wait(60)
        return method(*arguments)

    setattr(Publishing, step, waiting)
    ends.put(perform(*work))


def _work(point: int, folder: str, work: Callable[..., object], given: tuple[object, ...]) -> None:
    Store.delete = _after(dies_at(point, folder), Store.delete)  # type: ignore[method-assign]
    work(*given)


def _after(reached: Callable[..., None], method: Callable[..., Any]) -> Any:
    def step(*arguments: Any) -> Any:
        reached()
        return method(*arguments)

    return step
