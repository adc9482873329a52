"""What is on its way to become champion, and which replica follows since when."""

from typing import Any

from sqlalchemy import Connection, Select, func, select

from include.errors import Conflict
from include.ledger import tables
from include.ledger.database import reading, snapshot
from include.ledger.records import Deployment, Replica, Rollout
from include.ledger.rows import Rows, columns, newest_last, newest_of, newest_per


class Rollouts(Rows):
    """The part of the ledger that rollouts and the service's replicas write."""

    def rollout(self, model: str) -> Rollout | None:
        """How the model's rollout stands, None before the first one."""
        return self._newest(Rollout, tables.rollouts, model)

    def rollouts(self, model: str) -> list[Rollout]:
        """Every change of the model's rollouts, oldest first."""
        t = tables.rollouts
        return self._rows(Rollout, columns(t).where(t.c.model == model).order_by(t.c.sequence))

    def record_rollout(self, change: Rollout, *, expected: Rollout | None) -> Rollout:
        """Makes the change the state, if the state is still the `expected` one; Conflict otherwise."""
        wanted = change.model_copy(update={"sequence": expected.sequence + 1 if expected else 1})
        if self.rollout(wanted.model) != expected or not self._add({tables.rollouts: wanted}):
            raise self._changed(wanted)
        return wanted

    def _changed(self, wanted: Rollout) -> Conflict:
        found = self.rollout(wanted.model)
        state = f"{found.stage} by {found.action} of {found.actor}" if found else "none"
        return Conflict(
            f"The rollout of {wanted.model} was not changed ({wanted.action}): somebody else changed it meanwhile, "
            f"it is now {state}. Look at it and decide again: python -m include status {wanted.model}"
        )

    def routed(self, model: str) -> tuple[list[Deployment], Rollout | None]:
        """Every champion the model had, oldest first, and its rollout, both as of one moment."""
        t = tables.deployments
        with snapshot(self._url) as connection:
            deployed = _all(connection, columns(t).where(t.c.model == model).order_by(t.c.sequence))
            rollout = _all(connection, newest_of(tables.rollouts, model))
        return [Deployment(**row) for row in deployed], next((Rollout(**row) for row in rollout), None)

    def newest_change(self) -> tuple[int | None, int | None]:
        """Tells whether any routing may have changed since the last look: another pair of numbers, one cheap query."""
        newest = [select(func.max(t.c.id)).scalar_subquery() for t in (tables.deployments, tables.rollouts)]
        with reading(self._url) as connection:
            deployment, rollout = connection.execute(select(*newest)).one()
        return deployment, rollout

    def record_replica(self, change: Replica) -> Replica:
        """Keeps that a replica follows a routing from now on; what it said last is not said again."""
        t = tables.replicas
        of_it = columns(t).where(t.c.model == change.model, t.c.replica == change.replica)
        said = self._rows(Replica, of_it.order_by(t.c.id.desc()).limit(1))
        if said and (said[0].sequence, said[0].version) == (change.sequence, change.version):
            return said[0]
        self._add({t: change})
        return change

    def replicas(self, model: str) -> list[Replica]:
        """The newest word of each replica that ever served the model, those that left among them."""
        t = tables.replicas
        return self._rows(Replica, newest_per(t.c.replica, t, t.c.model == model))

    def followed(self, model: str, sequence: int) -> list[Replica]:
        """What replicas said on reaching this routing or a later one, oldest first."""
        t = tables.replicas
        return self._rows(Replica, newest_last(t, t.c.model == model, t.c.sequence >= sequence))


def _all(connection: Connection, query: Select[Any]) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(query).mappings()]
