"""The ledger: rows are added, never changed; the newest row of a thing is its state."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, func, insert, select

from include.errors import Conflict
from include.ledger import tables
from include.ledger.database import hidden, parse, reading, writing
from include.ledger.records import (
    Decision,
    DecisionKind,
    Deployment,
    DeploymentAction,
    PartitionRecord,
    PredictionRecord,
    Record,
    Rollout,
)
from include.ledger.rollouts import Rollouts
from include.ledger.rows import columns, newest_last, newest_per
from include.ledger.schema import require_head
from include.settings import settings


class Ledger(Rollouts):
    """What was admitted, deployed, decided and predicted."""

    @classmethod
    def open(cls, url: str | None = None) -> "Ledger":
        """The ledger at the address (the configured one by default), if its schema is the one this code needs."""
        address = parse(url or settings().ledger_url)
        require_head(address)
        return cls(address)

    @property
    def address(self) -> str:
        """Where the ledger is, without its password."""
        return hidden(self._url)

    # Partitions

    def record_partition(self, record: PartitionRecord, *, verdicts: int | None = None) -> PartitionRecord:
        """The verdict on this landing: the one given, or the one that was there first.

        With `verdicts`, Conflict where the key does not have just so many: another landing of it was judged since they
        were counted, and the newest verdict is the one that holds.
        """
        about = f"{record.dataset}/{record.key}"
        with writing(self._url, one_at_a_time=about) as connection:
            before = _partition_verdicts(connection, record)
            known = [one for one in before if one.fingerprint == record.fingerprint]
            if known:
                return known[0]
            if verdicts is not None and len(before) != verdicts:
                raise Conflict(
                    f"Partition {record.key} of {record.dataset} got another verdict while this one was made: "
                    f"{before[-1].status} ({before[-1].fingerprint}). Look at what is there now, and judge again."
                )
            connection.execute(insert(tables.partitions).values(record.model_dump()))
        return record

    def partition(self, dataset: str, key: str, fingerprint: str) -> PartitionRecord | None:
        """The verdict on one landing of a partition, None if there is none yet."""
        return next(iter(self._rows(PartitionRecord, _landing(dataset, key, fingerprint))), None)

    def partitions(self, dataset: str, key: str | None = None) -> list[PartitionRecord]:
        """Every verdict on the dataset, or on one partition of it, oldest first."""
        t = tables.partitions
        chosen = [t.c.dataset == dataset, *_between(t, key, key)]
        return self._rows(PartitionRecord, newest_last(t, *chosen))

    def admitted(
        self,
        dataset: str,
        first: str | None = None,
        last: str | None = None,
        *,
        most: int | None = None,
        known_at: datetime | None = None,
    ) -> list[PartitionRecord]:
        """The newest admitted version of each partition from `first` to `last` (inclusive), ordered by key.

        Of more than `most` of them the last ones. With `known_at` as it was at that moment: nothing later counts.
        """
        t = tables.partitions
        known = [] if known_at is None else [t.c.recorded_at <= known_at]
        return self._rows(PartitionRecord, _newest_per_key(t, *_admitted(dataset, first, last), *known, most=most))

    def admitted_versions(self, dataset: str, first: str, last: str) -> list[PartitionRecord]:
        """Every version that was ever admitted of each partition from `first` to `last` (inclusive), oldest first."""
        return self._rows(PartitionRecord, newest_last(tables.partitions, *_admitted(dataset, first, last)))

    def judged_fingerprints(self, dataset: str) -> dict[str, set[str]]:
        """For each partition key the landings that have a verdict."""
        t = tables.partitions
        judged: dict[str, set[str]] = defaultdict(set)
        with reading(self._url) as connection:
            for key, fingerprint in connection.execute(select(t.c.key, t.c.fingerprint).where(t.c.dataset == dataset)):
                judged[key].add(fingerprint)
        return dict(judged)

    # Deployments

    def champion(self, model: str) -> Deployment | None:
        """The deployment that serves now, None before the first promotion."""
        return self._newest(Deployment, tables.deployments, model)

    def deployments(self, model: str) -> list[Deployment]:
        """Every champion the model had, oldest first."""
        t = tables.deployments
        return self._rows(Deployment, columns(t).where(t.c.model == model).order_by(t.c.sequence))

    def record_deployment(
        self,
        model: str,
        version: str,
        model_hash: str,
        *,
        expected: Deployment | None,
        action: DeploymentAction,
        actor: str,
        reason: str,
        ends: Rollout | None = None,
    ) -> Deployment:
        """Makes the version champion, if the champion is still the `expected` one; Conflict otherwise.

        With `ends`, the change that ends its rollout, both happen or neither does: no process dies between them.
        """
        wanted = Deployment(
            model=model,
            sequence=expected.sequence + 1 if expected else 1,
            version=version,
            model_hash=model_hash,
            action=action,
            replaces=expected.version if expected else None,
            actor=actor,
            reason=reason,
        )
        rows: dict[Table, Record] = {tables.deployments: wanted, **({tables.rollouts: ends} if ends else {})}
        if self.champion(model) != expected or not self._add(rows):
            raise self._overtaken(wanted, ends)
        return wanted

    def _overtaken(self, wanted: Deployment, ends: Rollout | None) -> Conflict:
        champion = self.champion(wanted.model)
        if ends and (champion.sequence if champion else 0) == wanted.sequence - 1:
            return self._changed(ends)
        found = f"version {champion.version} (since {champion.recorded_at:%Y-%m-%d %H:%M} UTC)" if champion else "none"
        return Conflict(
            f"Version {wanted.version} of {wanted.model} did not become champion ({wanted.action}): it was to replace "
            f"{f'version {wanted.replaces}' if wanted.replaces else 'no champion'}, but the champion is {found}. "
            "Somebody else moved it meanwhile: look at the deployments and decide again."
        )

    # Decisions

    def record_decision(self, decision: Decision, *, once: bool = False) -> Decision:
        """Stores the decision. With `once`, the newest one on the same subject is returned instead if it says the same.

        Example: pass, pass -> one row; pass, fail, pass -> three rows
        """
        about = f"{decision.model}/{decision.kind}/{decision.subject}"
        with writing(self._url, one_at_a_time=about if once else None) as connection:
            newest = _newest(connection, decision) if once else None
            if newest is not None and (newest.outcome, newest.reason) == (decision.outcome, decision.reason):
                return newest
            connection.execute(insert(tables.decisions).values(decision.model_dump()))
            return decision

    def record_next(self, decision: Decision, newest: Decision | None) -> bool:
        """Stores the decision if `newest` is still the newest one on its subject; False where another came first."""
        about = f"{decision.model}/{decision.kind}/{decision.subject}"
        with writing(self._url, one_at_a_time=about) as connection:
            if _newest(connection, decision) != newest:
                return False
            connection.execute(insert(tables.decisions).values(decision.model_dump()))
            return True

    def decisions(self, model: str, kind: DecisionKind | None = None, subject: str | None = None) -> list[Decision]:
        """The decisions about a model, oldest first."""
        t = tables.decisions
        chosen: list[ColumnElement[bool]] = [t.c.model == model]
        chosen += [t.c.kind == kind] if kind is not None else []
        chosen += [t.c.subject == subject] if subject is not None else []
        return self._rows(Decision, newest_last(t, *chosen))

    def newest_decisions(self, model: str, kind: DecisionKind, *, most: int, last: str | None = None) -> list[Decision]:
        """The newest decision on each of the last `most` subjects up to `last`, in the order of the subjects."""
        t = tables.decisions
        chosen: list[ColumnElement[bool]] = [t.c.model == model, t.c.kind == kind]
        chosen += [t.c.subject <= last] if last is not None else []
        return self._rows(Decision, newest_per(t.c.subject, t, *chosen, most=most))

    # Predictions

    def record_predictions(self, record: PredictionRecord) -> PredictionRecord:
        """Stores where predictions are: from now on they are the newest for their partition.

        The same file once more is one record, unless another version's predictions, or of other data, came between.
        """
        t = tables.predictions
        chosen = (t.c.model == record.model, t.c.key == record.key)
        with writing(self._url, one_at_a_time=f"predictions of {record.model}/{record.key}") as connection:
            newest = connection.execute(_newest_per_key(t, *chosen)).mappings().first()
            if newest and (newest["version"], newest["content_hash"]) == (record.version, record.content_hash):
                return PredictionRecord(**newest)
            connection.execute(insert(t).values(record.model_dump()))
        return record

    def predictions(self, model: str, first: str | None = None, last: str | None = None) -> list[PredictionRecord]:
        """The newest predictions for each partition from `first` to `last` (inclusive), ordered by key."""
        t = tables.predictions
        return self._rows(PredictionRecord, _newest_per_key(t, t.c.model == model, *_between(t, first, last)))

    def first_predictions(self, model: str, version: str, first: str, last: str) -> list[PredictionRecord]:
        """What a version said of each partition from `first` to `last` when it was first asked, ordered by key."""
        t = tables.predictions
        chosen = (t.c.model == model, t.c.version == version, *_between(t, first, last))
        oldest = select(func.min(t.c.id)).where(*chosen).group_by(t.c.key)
        return self._rows(PredictionRecord, columns(t).where(t.c.id.in_(oldest)).order_by(t.c.key))

    def newest_scored(self, model: str) -> str | None:
        """The last partition key there are predictions for, None if there are none."""
        t = tables.predictions
        with reading(self._url) as connection:
            return connection.execute(select(func.max(t.c.key)).where(t.c.model == model)).scalar()

    def scored_contents(self) -> set[str]:
        """The content hashes of all partitions there are predictions of."""
        with reading(self._url) as connection:
            return set(connection.execute(select(tables.predictions.c.content_hash).distinct()).scalars())


def _partition_verdicts(connection: Connection, record: PartitionRecord) -> list[PartitionRecord]:
    t = tables.partitions
    found = connection.execute(newest_last(t, t.c.dataset == record.dataset, t.c.key == record.key))
    return [PartitionRecord(**row) for row in found.mappings()]


def _landing(dataset: str, key: str, fingerprint: str) -> Select[Any]:
    t = tables.partitions
    return columns(t).where(t.c.dataset == dataset, t.c.key == key, t.c.fingerprint == fingerprint)


def _admitted(dataset: str, first: str | None, last: str | None) -> tuple[ColumnElement[bool], ...]:
    t = tables.partitions
    return (t.c.dataset == dataset, t.c.status == "admitted", *_between(t, first, last))


def _newest_per_key(table: Table, *chosen: ColumnElement[bool], most: int | None = None) -> Select[Any]:
    return newest_per(table.c.key, table, *chosen, most=most)


def _between(table: Table, first: str | None, last: str | None) -> list[ColumnElement[bool]]:
    bounds = [] if first is None else [table.c.key >= first]
    return bounds if last is None else [*bounds, table.c.key <= last]


def _newest(connection: Connection, decision: Decision) -> Decision | None:
    t = tables.decisions
    chosen = [t.c[name] == getattr(decision, name) for name in ("model", "kind", "subject")]
    row = connection.execute(columns(t).where(*chosen).order_by(t.c.id.desc()).limit(1)).mappings().first()
    return Decision(**row) if row else None
