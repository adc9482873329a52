"""Which rows of a request are answered by which version."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from include.serving.admission import Columns, Refused
from include.serving.plan import Value
from include.serving.routing import assign
from include.serving.state import State
from include.serving.version import Rows, Said, Version
from include.serving.wire import Question

GLASS, NAMED = "break_glass", "named"


class NotServed(Exception):
    """The version asked for is not loaded here."""


@dataclass
class Group:
    """Rows of a request, by their places in it, that one version answers; in slot `break_glass` there is none."""

    slot: str
    version: Version | None
    names: Sequence[str]
    rows: Rows
    places: Sequence[int]
    said: Said = field(default_factory=list)
    error: str = ""

    @property
    def number(self) -> str:
        """The version's number, empty where no version answers."""
        return self.version.plan.version if self.version else ""

    @property
    def who(self) -> str:
        """Who is to answer, in words."""
        return f"v{self.number}" if self.version else GLASS

    def failed(self, why: str) -> None:
        """Notes that whose turn it was failed; what failed first stands first."""
        self.error = f"{self.error}; {self.who} {why}" if self.error else f"{self.who} {why}"


def grouped(state: State, question: Question, number: str | None, entity: Sequence[str]) -> list[Group]:
    """The rows by who answers them. Refused where a row cannot be answered, NotServed where the version is not here."""
    columns, every = question.columns, range(question.rows)
    if number is not None:
        named = state.version(number)
        if named is None:
            raise NotServed
        return [_group(NAMED, named, columns, every)]
    if state.routing.mode == GLASS or state.champion is None:
        return [_glass(state, columns, every)]
    whole = _group("champion", state.champion, columns, every)
    if state.routing.mode not in ("canary", "ab") or state.challenger is None:
        return [whole]
    return _parted(state, state.challenger, whole, columns, entities(columns, whole.rows, entity))


def _group(slot: str, version: Version, columns: Columns, places: Sequence[int]) -> Group:
    return Group(slot, version, version.plan.features, version.admission.rows(columns), places)


def _glass(state: State, columns: Columns, every: Sequence[int]) -> Group:
    """Rows are still checked by the champion's rules, where there is one."""
    if state.champion is not None:
        group = _group(GLASS, state.champion, columns, every)
        return Group(GLASS, None, group.names, group.rows, every)
    rows: Rows = [tuple(_plain(column[row]) for column in columns.values()) for row in every]
    return Group(GLASS, None, list(columns), rows, every)


def _plain(cell: object) -> Value:
    return cell if isinstance(cell, float | str) or cell is None else str(cell)


def _parted(state: State, challenger: Version, whole: Group, columns: Columns, names: Sequence[str]) -> list[Group]:
    """Champion's and challenger's part. Where the challenger's rules refuse the request, the champion answers it."""
    theirs = [row for row in whole.places if assign(state.routing, names[row]) == "challenger"]
    if not theirs:
        return [whole]
    try:
        rows = whole.rows if same_rules(state.champion, challenger) else challenger.admission.rows(columns)
    except Refused:
        return [whole]
    given = set(theirs)
    ours = [row for row in whole.places if row not in given]
    groups = [Group("challenger", challenger, challenger.plan.features, [rows[row] for row in theirs], theirs)]
    if ours:
        groups.append(Group("champion", whole.version, whole.names, [whole.rows[row] for row in ours], ours))
    return groups


def same_rules(one: Version | None, other: Version) -> bool:
    """Whether both take the same rows."""
    return one is not None and (
        one.plan.features == other.plan.features
        and one.plan.words == other.plan.words
        and one.plan.refuses_missing == other.plan.refuses_missing
        and one.plan.known_words == other.plan.known_words
    )


def entities(columns: Columns, rows: Rows, entity: Sequence[str]) -> list[str]:
    """Who asks, for each row: its entity columns, or its features where they were not sent."""
    if entity and all(name in columns for name in entity):
        return ["\x1f".join(map(str, one)) for one in zip(*(columns[name] for name in entity), strict=True)]
    return ["\x1f".join(map(str, row)) for row in rows]


def hashed(entity: str) -> str:
    """What the log keeps of an entity: enough to follow it, too little to read it."""
    return hashlib.blake2b(entity.encode(), digest_size=8).hexdigest()
