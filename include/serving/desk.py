"""Where the questions about one model are answered: routed, admitted, predicted, logged."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from include.serving.admission import Refused
from include.serving.answering import Answering, Failed
from include.serving.follower import Follower
from include.serving.groups import Group, grouped, same_rules
from include.serving.lookup import Lookup
from include.serving.meters import Meters
from include.serving.prediction_log import LogFull, PredictionLog, Record, Segment
from include.serving.recorder import Recorder
from include.serving.shadowing import Case, Shadows
from include.serving.state import State
from include.serving.version import Said
from include.serving.wire import Question
from include.spec import ModelSpec

log = logging.getLogger(__name__)
_encode = msgspec.json.Encoder().encode
_clock = time.perf_counter


class NotReady(Exception):
    """There is no warm model to answer with; the message says why."""


@dataclass(frozen=True)
class Answer:
    """What was said of each row, by which version (empty: by none), under which id."""

    ids: list[str]
    versions: list[str]
    said: Said


class Desk:
    """One model in one worker."""

    def __init__(self, spec: ModelSpec, follower: Follower, book: PredictionLog, meters: Meters, replica: str) -> None:
        self.spec, self.meters, self.book = spec, meters, book
        self.shadows = Shadows(book, meters, spec.serving.most_seconds)
        self.lookup = Lookup(spec, meters) if spec.windows else None
        self.took: Callable[..., None] = meters.took  # told the moments at which the stages of a request began
        self._follower = follower
        self._answering, self._recorder = Answering(spec, meters), Recorder(replica, spec.serving.entity)

    def warm(self) -> None:
        """Makes ready what requests need besides a version, before the first of them."""
        self._answering.warm()
        if self.lookup is not None:
            self.lookup.warm()

    @property
    def state(self) -> State:
        """What is served now. NotReady where nothing is."""
        state = self.state_or_none
        if state is None or not state.ready:
            raise NotReady(
                f"{self.spec.name} has no champion that is loaded here; /v2/health/ready says what is missing."
            )
        return state

    @property
    def state_or_none(self) -> State | None:
        """What is served now, or is about to be."""
        return self._follower.states.get(self.spec.name)

    async def answer(self, asked: Question, request: str, number: str | None, begun: float, parsed: float) -> Answer:
        """Answers every row, of the version `number` alone if one is given.

        Raises Refused, NotReady, NotServed, Failed, LogFull, and TimeoutError.
        """
        state = self.state
        if self.lookup is not None:
            asked = await self.lookup.fill(asked)
        found = _clock()
        groups = grouped(state, asked, number, self.spec.serving.entity)
        admitted = _clock()
        for group in groups:
            try:
                await self._answering.answer(group, state, asked.columns)
            except (Failed, TimeoutError):
                await self._keep_failure(group, asked, request, _clock() - begun)
                raise
        modelled = _clock()
        for group in groups:
            self.meters.predicted(group.slot, group.number, len(group.places))
        records = self._recorder.records(groups, asked, request, modelled - begun)
        segment = await self.book.keep(_lines(records))
        if state.routing.mode == "shadow" and number is None:
            self._shadow(state, groups[0], asked, records, segment)
        self.took(begun, parsed, found, admitted, modelled, _clock())
        return Answer([one.id for one in records], [one.version for one in records], [one.said for one in records])

    async def _keep_failure(self, group: Group, asked: Question, request: str, seconds: float) -> None:
        """Records the rows that nobody answered. Their request has failed already: a full log changes nothing."""
        group.said = [[] for _ in group.places]
        records = self._recorder.records([group], asked, request, seconds)
        try:
            await self.book.keep(_lines(records))
        except LogFull as problem:
            self.book.dropped += len(records)
            log.warning("%s: a failure is not in the prediction log: %s", self.spec.name, problem)

    def _shadow(
        self, state: State, group: Group, asked: Question, records: list[Record], segment: Segment | None
    ) -> None:
        challenger = state.challenger
        if challenger is None:
            return
        try:
            rows = group.rows if same_rules(group.version, challenger) else challenger.admission.rows(asked.columns)
        except Refused:
            self.meters.shadow_failed += len(records)
            return
        self.shadows.put(Case(challenger, rows, records, segment))


def _lines(records: Sequence[Record]) -> bytes:
    return b"".join([_encode(record) + b"\n" for record in records])
