"""Adding and reading rows: what every part of the ledger does with its tables."""

from typing import Any, TypeVar

from sqlalchemy import URL, Column, ColumnElement, Select, Table, func, insert, select
from sqlalchemy.exc import IntegrityError

from include.ledger.database import reading, writing
from include.ledger.records import Record

R = TypeVar("R", bound=Record)


class Rows:
    """The rows of a ledger's tables as records."""

    def __init__(self, url: URL) -> None:
        self._url = url

    def _add(self, table: Table, record: Record) -> bool:
        """Whether the row was added; False if the table's unique rule says it is there already."""
        try:
            with writing(self._url) as connection:
                connection.execute(insert(table).values(record.model_dump()))
        except IntegrityError:
            return False
        return True

    def _rows(self, kind: type[R], query: Select[Any]) -> list[R]:
        with reading(self._url) as connection:
            return [kind(**row) for row in connection.execute(query).mappings()]


def columns(table: Table) -> Select[Any]:
    """All the table says but the number of the row."""
    return select(*(column for column in table.c if column.name != "id"))


def newest_last(table: Table, *chosen: ColumnElement[bool]) -> Select[Any]:
    """The chosen rows in the order they were added."""
    return columns(table).where(*chosen).order_by(table.c.id)


def newest_per(thing: Column[Any], table: Table, *chosen: ColumnElement[bool], most: int | None = None) -> Select[Any]:
    """Of each thing its newest row, in the order of the things; with `most` those of the last so many."""
    newest = select(func.max(table.c.id)).where(*chosen).group_by(thing)
    if most is not None:
        newest = newest.order_by(thing.desc()).limit(most)
    return columns(table).where(table.c.id.in_(newest)).order_by(thing)
