"""Where the questions about one model are answered: routed, admitted, predicted, logged."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from include.errors import SpecError
from include.serving.admission import Refused
from include.serving.follower import Follower
from include.serving.glass import Glass, glass
from include.serving.groups import GLASS, Group, entities, grouped, hashed, same_rules
from include.serving.lookup import Lookup
from include.serving.meters import Meters
from include.serving.prediction_log import PredictionLog, Record, Segment
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


class Failed(Exception):
    """The model raised, and there is no glass to break."""


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
        self._follower = follower
        self._prefix, self._count = f"{replica}-", 0
        self._glasses: dict[float | str, Glass] = {}

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
            await self._say(group, state, asked)
        modelled = _clock()
        answer, records = self._recorded(groups, asked, request, modelled - begun)
        segment = await self.book.keep(b"".join([_encode(record) + b"\n" for record in records]))
        if state.routing.mode == "shadow" and number is None:
            self._shadow(state, groups[0], asked, records, segment)
        self.meters.took(begun, parsed, found, admitted, modelled, _clock())
        return answer

    async def _say(self, group: Group, state: State, asked: Question) -> None:
        """Has the group's version answer. What fails is answered by the champion, and its failure by the glass."""
        try:
            if group.version is not None:
                group.said = await group.version.say(group.rows, self.spec.serving.most_seconds)
                return
            group.error = group.error or "broken by a person"
            answer = state.routing.answer
            group.said = self._glass(group, self.spec.serving.break_glass if answer is None else answer)
        except TimeoutError:
            raise
        except Exception as problem:
            log.exception("%s v%s failed", self.spec.name, group.number)
            await self._fail(group, state, asked, problem)

    async def _fail(self, group: Group, state: State, asked: Question, problem: Exception) -> None:
        error = f"v{group.number} {type(problem).__name__}: {problem}"
        champion = state.champion
        if (
            group.version is not None
            and champion is not None
            and group.version is not champion
            and group.slot != "named"
        ):
            rows = champion.admission.rows(asked.columns)
            group.slot, group.version, group.names = "champion", champion, champion.plan.features
            group.rows, group.error = [rows[place] for place in group.places], error
            await self._say(group, state, asked)
            return
        if group.version is None or group.slot == "named" or self.spec.serving.break_glass is None:
            raise Failed(error) from problem
        group.slot, group.version, group.error = GLASS, None, error
        self.meters.glass_broken += len(group.places)
        group.said = self._glass(group, self.spec.serving.break_glass)

    def _glass(self, group: Group, answer: float | str | None) -> Said:
        if answer is None:
            raise SpecError(f"{self.spec.name} has no serving.break_glass.")
        if answer not in self._glasses:
            self._glasses[answer] = glass(self.spec, answer)
        rule = self._glasses[answer]
        return [rule(dict(zip(group.names, row, strict=True))) for row in group.rows]

    def _recorded(
        self, groups: Sequence[Group], asked: Question, request: str, seconds: float
    ) -> tuple[Answer, list[Record]]:
        """The answer in the order of the question, and a record of each row in the same order."""
        count, at = asked.rows, time.time()
        ids = [f"{self._prefix}{number:x}" for number in range(self._count, self._count + count)]
        self._count += count
        entity = self.spec.serving.entity
        who = [hashed(one) for one in entities(asked.columns, (), entity)] if self._knows(asked) else [""] * count
        records: list[Record] = []
        for group in groups:
            names, number = group.names, group.number
            self.meters.predicted(group.slot, number, len(group.places))
            for place, row, said in zip(group.places, group.rows, group.said, strict=True):
                features = dict(zip(names, row, strict=True))
                records.append(
                    Record(
                        ids[place], at, request, number, group.slot, who[place], features, said, seconds, group.error
                    )
                )
        if len(groups) > 1:
            placed = dict(zip([place for group in groups for place in group.places], records, strict=True))
            records = [placed[place] for place in range(count)]
        return Answer(ids, [one.version for one in records], [one.said for one in records]), records

    def _knows(self, asked: Question) -> bool:
        entity = self.spec.serving.entity
        return bool(entity) and all(name in asked.columns for name in entity)

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
