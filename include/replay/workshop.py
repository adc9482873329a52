"""Where challengers of the past are made: side by side, ahead of the clock where the schedule tells, each only once."""

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date

from threadpoolctl import threadpool_limits

from include.evaluation import reference
from include.lake import layout
from include.lake.profile import Profile
from include.lake.snapshot import Snapshot
from include.lake.store import Store
from include.replay.challenger import Challenger, make
from include.replay.history import History
from include.spec import ModelSpec
from include.training.data import TrainingData
from include.training.windows import windows


class Workshop:
    """Challengers by morning, shared by all policies that train alike; those of past mornings are let go."""

    def __init__(self, history: History, store: Store, pool: ThreadPoolExecutor) -> None:
        self.history, self.store = history, store
        self._pool = pool
        self._ordered: dict[tuple[date, str], Future[Challenger]] = {}
        self._profiles: dict[str, Profile] = {}

    @classmethod
    @contextmanager
    def opened(cls, history: History, store: Store) -> Iterator["Workshop"]:
        """A workshop with a bench for each core. Each fit is on one core: one on several waits for the slowest."""
        with (
            threadpool_limits(1),
            ThreadPoolExecutor(os.cpu_count(), initializer=threadpool_limits, initargs=(1,)) as pool,
        ):
            yield cls(history, store, pool)

    def order(self, spec: ModelSpec, as_of: date) -> None:
        """Has a challenger made that will be wanted."""
        self._future(spec, as_of)

    def challenger(self, spec: ModelSpec, as_of: date) -> Challenger:
        """The challenger of a morning. NotFound or BadData where nothing can be learnt from what was known."""
        self._ordered = {known: made for known, made in self._ordered.items() if known[0] >= as_of}
        return self._future(spec, as_of).result()

    def days(self, spec: ModelSpec, snapshot: Snapshot) -> dict[str, Profile]:
        """The profile of each day, by key; what is stored of one is read once."""
        for entry in snapshot.entries:
            if entry.path not in self._profiles:
                self._profiles[entry.path] = Profile.read(self.store, layout.profile(entry.path))
        stored = {entry.key: self._profiles[entry.path] for entry in snapshot.entries}
        return reference.days_of(spec, snapshot, self.store, stored)

    def _future(self, spec: ModelSpec, as_of: date) -> Future[Challenger]:
        key = (as_of, f"{spec.training.model_dump_json(exclude={'schedule'})}{spec.gates.model_dump_json()}")
        if key not in self._ordered:
            self._ordered[key] = self._pool.submit(self._make, spec, as_of)
        return self._ordered[key]

    def _make(self, spec: ModelSpec, as_of: date) -> Challenger:
        chosen = windows(spec, as_of)
        data = TrainingData(
            training=self.history.snapshot(spec, chosen.training, as_of),
            held_out=self.history.snapshot(spec, chosen.held_out, as_of),
            training_window=chosen.training,
            held_out_window=chosen.held_out,
        )
        return make(spec, as_of, data, self.days(spec, data.training), self.store)
