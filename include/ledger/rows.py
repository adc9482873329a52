"""Adding and reading rows: what every part of the ledger does with its tables."""

from collections.abc import Mapping
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

    def _add(self, rows: Mapping[Table, Record]) -> bool:
        """Whether the rows were added, all or none; False if a table's unique rule says that one is there already."""
        try:
            with writing(self._url) as connection:
                for table, record in rows.items():
                    connection.execute(insert(table).values(record.model_dump()))
        except IntegrityError:
            return False
        return True

    def _newest(self, kind: type[R], table: Table, model: str) -> R | None:
        """The model's state in a table that numbers its rows."""
        return next(iter(self._rows(kind, newest_of(table, model))), None)

    def _rows(self, kind: type[R], query: Select[Any]) -> list[R]:
        with reading(self._url) as connection:
            return [kind(**row) for row in connection.execute(query).mappings()]


def columns(table: Table) -> Select[Any]:
    """All the table says but the number of the row."""
    return select(*(column for column in table.c if column.name != "id"))


def newest_of(table: Table, model: str) -> Select[Any]:
    """The model's row with the highest sequence: its state."""
    return columns(table).where(table.c.model == model).order_by(table.c.sequence.desc()).limit(1)


def newest_last(table: Table, *chosen: ColumnElement[bool]) -> Select[Any]:
    """The chosen rows in the order they were added."""
    return columns(table).where(*chosen).order_by(table.c.id)


def newest_per(thing: Column[Any], table: Table, *chosen: ColumnElement[bool], most: int | None = None) -> Select[Any]:
    """Of each thing its newest row, in the order of the things; with `most` those of the last so many."""
    newest = select(func.max(table.c.id)).where(*chosen).group_by(thing)
    if most is not None:
        newest = newest.order_by(thing.desc()).limit(most)
    return columns(table).where(table.c.id.in_(newest)).order_by(thing)
