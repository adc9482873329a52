"""The records of a request: an id, who asked, and what was said, for each of its rows."""

import time
from collections.abc import Sequence

from include.serving.groups import Group, entities, hashed
from include.serving.prediction_log import Record
from include.serving.wire import Question


class Recorder:
    """Makes records with ids that no other process gives."""

    def __init__(self, replica: str, entity: Sequence[str]) -> None:
        self._prefix, self._count, self._entity = f"{replica}-", 0, entity

    def records(self, groups: Sequence[Group], asked: Question, request: str, seconds: float) -> list[Record]:
        """A record of each row of the groups, in the order of the question."""
        at, first, who = time.time(), self._count, self._who(asked)
        self._count += asked.rows
        records: list[Record] = []
        for group in groups:
            names, number = group.names, group.number
            for place, row, said in zip(group.places, group.rows, group.said, strict=True):
                name, features = f"{self._prefix}{first + place:x}", dict(zip(names, row, strict=True))
                records.append(
                    Record(name, at, request, number, group.slot, who[place], features, said, seconds, group.error)
                )
        if len(groups) > 1:
            places = [place for group in groups for place in group.places]
            records = [record for _, record in sorted(zip(places, records, strict=True), key=lambda one: one[0])]
        return records

    def _who(self, asked: Question) -> Sequence[str]:
        """The hash of each row's entity; empty where the request does not say who asks."""
        if self._entity and all(name in asked.columns for name in self._entity):
            return [hashed(one) for one in entities(asked.columns, (), self._entity)]
        return [""] * asked.rows
