"""Who answers rows: their version; where that fails, the champion; where that fails too, the broken glass."""

import logging

from include.errors import SpecError
from include.serving.admission import Columns
from include.serving.glass import Glass, glass
from include.serving.groups import GLASS, NAMED, Group
from include.serving.meters import Meters
from include.serving.state import State
from include.serving.version import Said
from include.spec import ModelSpec

log = logging.getLogger(__name__)


class Failed(Exception):
    """Nobody could answer: the model raised, and there is no glass to break; the message says what was tried."""


class Answering:
    """Has groups of rows answered, for one model."""

    def __init__(self, spec: ModelSpec, meters: Meters) -> None:
        self._spec, self._meters = spec, meters
        self._glasses: dict[float | str, Glass] = {}

    def warm(self) -> None:
        """Reads the rule that breaks the glass, if one is declared, before a model fails."""
        try:
            if self._spec.serving.break_glass is not None:
                self._glass(self._spec.serving.break_glass)
        except SpecError as problem:
            log.error("The glass cannot be broken: %s", problem)

    async def answer(self, group: Group, state: State, columns: Columns) -> None:
        """Fills in what is said of the rows, by whom, and what failed before.

        Failed where nobody can say it, TimeoutError where it takes too long; `group.error` has the reason then.
        """
        try:
            group.said = await self._said(group, state.routing.answer)
        except TimeoutError:
            group.failed(f"TimeoutError: no answer within {self._spec.serving.most_seconds:g} s")
            raise
        except Exception as problem:
            log.exception("%s %s failed", self._spec.name, group.who)
            group.failed(f"{type(problem).__name__}: {problem}")
            if not self._handed_on(group, state, columns):
                raise Failed(group.error) from problem
            await self.answer(group, state, columns)

    async def _said(self, group: Group, answer: str | None) -> Said:
        if group.version is not None:
            return await group.version.say(group.rows, self._spec.serving.most_seconds)
        group.error = group.error or "broken by a person"
        rule = self._glass(self._spec.serving.break_glass if answer is None else answer)
        return [rule(dict(zip(group.names, row, strict=True))) for row in group.rows]

    def _handed_on(self, group: Group, state: State, columns: Columns) -> bool:
        """Whether somebody else is to answer the rows now. A version that was asked for by name has no stand-in."""
        champion = state.champion
        if group.slot == NAMED or group.version is None:
            return False
        if champion is not None and group.version is not champion:
            rows = champion.admission.rows(columns)
            group.slot, group.version, group.names = "champion", champion, champion.plan.features
            group.rows = [rows[place] for place in group.places]
            return True
        if self._spec.serving.break_glass is None:
            return False
        group.slot, group.version = GLASS, None
        self._meters.glass_broken += len(group.places)
        return True

    def _glass(self, answer: float | str | None) -> Glass:
        if answer is None:
            raise SpecError(f"{self._spec.name} has no serving.break_glass.")
        if answer not in self._glasses:
            self._glasses[answer] = glass(self._spec, answer)
        return self._glasses[answer]
