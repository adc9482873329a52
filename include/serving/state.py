"""What a worker serves of a model at one moment, and when it moves on. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from include.serving.routing import Routing, Slot
from include.serving.version import Version


@dataclass(frozen=True)
class State:
    """A routing with the versions it names, as far as they are loaded. Requests keep the one they began with."""

    routing: Routing
    champion: Version | None = None
    challenger: Version | None = None
    fallback: Version | None = None

    @property
    def ready(self) -> bool:
        """Whether requests are answered: the champion is warm, or nobody needs it."""
        return self.champion is not None or self.routing.mode == "break_glass"

    @property
    def follows(self) -> bool:
        """Whether all that takes part in answers is loaded."""
        return self.ready and (self.routing.challenger is None or self.challenger is not None)

    def version(self, number: str) -> Version | None:
        """A loaded version by its number."""
        loaded = (self.champion, self.challenger, self.fallback)
        return next((one for one in loaded if one is not None and one.plan.version == number), None)


def settled(current: State | None, routing: Routing, loaded: Mapping[Slot, Version]) -> State | None:
    """The state to serve from now on, given what is loaded; None where there is nothing to serve yet.

    A replica only moves forward. It stays where it is until what takes part in answers is loaded, unless another
    champion is: a rollback waits for no challenger.
    """
    if current is not None and routing.sequence < current.routing.sequence:
        return current
    wanted = State(
        routing,
        champion=_of(routing.champion, loaded),
        challenger=_of(routing.challenger, loaded),
        fallback=_of(routing.fallback, loaded),
    )
    if not wanted.ready:
        return current
    if wanted.follows or current is None or not current.ready or current.champion is not wanted.champion:
        return wanted
    return current


def _of(slot: Slot | None, loaded: Mapping[Slot, Version]) -> Version | None:
    return None if slot is None else loaded.get(slot)
