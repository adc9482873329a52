"""The incident bundle: what a rollback was about, gathered the moment it happened, as one page and its data."""

import json
import logging
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from include.board.drawing import drawing, pens
from include.board.timeline import timeline
from include.card.html import picture
from include.card.sources import promotion_of
from include.errors import NotFound, PerennialError
from include.incident.comparison import Comparison, compare
from include.incident.following import Followed
from include.incident.pictures import pictures
from include.incident.roll_back import last_followed
from include.lake import layout
from include.lake.store import Store
from include.ledger import Decision, Deployment, Ledger, Promotion
from include.ledger.records import DecisionKind, Moment, now
from include.monitoring.watched import SCORED, SERVED
from include.release.served import Served, served
from include.spec import ModelSpec
from include.spec.frozen import Measured

log = logging.getLogger(__name__)
HERE = Path(__file__).parent
TEMPLATES = Environment(
    loader=FileSystemLoader([HERE, HERE.parent / "board", HERE.parent / "card"]),  # it looks like the board
    autoescape=True, undefined=StrictUndefined, trim_blocks=True,
)  # fmt: skip
TEMPLATES.filters["picture"] = picture
PLAIN = Environment(loader=FileSystemLoader(HERE), autoescape=False, undefined=StrictUndefined, trim_blocks=True)  # noqa: S701 - Markdown
WINDOW_DAYS, VERDICTS, WEEKS = 7, 14, 8
NEWEST = 5  # sentences of the watch on the page; the facts have more


class Event(Measured):
    """Something that happened, for the timeline."""

    at: Moment
    what: str
    who: str
    why: str


class Incident(Measured):
    """The facts of one rollback. What could not be found out is None, and `missing` says why."""

    model: str
    sequence: int
    sent_away: str
    restored: str
    at: Moment
    actor: str
    reason: str
    served_since: Moment | None
    followed: Followed | None
    predictions: dict[str, int]
    gates: Promotion | None
    verdicts: tuple[str, ...]
    performance: tuple[str, ...]
    comparison: Comparison | None
    timeline: tuple[Event, ...]
    missing: tuple[str, ...]

    @property
    def served_for(self) -> str:
        """How long the version served that was sent away."""
        whole = int((self.at - (self.served_since or self.at)).total_seconds())
        days, hours, minutes = whole // 86400, whole // 3600 % 24, whole // 60 % 60
        return f"{days} days {hours} h" if days else f"{hours} h {minutes} min"


def write(spec: ModelSpec, store: Store, ledger: Ledger, home: Path) -> str:
    """Gathers the newest rollback's bundle; gives the path of its page. NotFound where there was none.

    What does not answer (the registry, say) is left out and named: the page is written all the same.
    """
    deployed = ledger.deployments(spec.name)
    rollback = next((one for one in reversed(deployed) if one.action == "roll_back"), None)
    if rollback is None:
        raise NotFound(f"{spec.name} was never rolled back: there is no incident to tell of.")
    place, log_lines = layout.incident(spec.name, rollback.sequence), _served(spec, rollback, store, home)
    incident = _gathered(spec, rollback, deployed, log_lines, store, ledger)
    store.write_bytes(f"{place}/incident.json", incident.model_dump_json(indent=2).encode())
    store.write_bytes(f"{place}/predictions.parquet", _parquet(log_lines))
    post_mortem = PLAIN.get_template("post_mortem.md").render(it=incident, made=now())
    store.write_bytes(f"{place}/post-mortem.md", post_mortem.encode())
    store.write_bytes(f"{place}/incident.html", _page(spec, incident, log_lines, ledger).encode())
    return f"{place}/incident.html"


def _page(spec: ModelSpec, incident: Incident, lines: list[Served], ledger: Ledger) -> str:
    plots = pictures(incident.sent_away, incident.restored, incident.at, lines, incident.comparison)
    watched = {"scored days": SCORED, "what the service answered": SERVED}
    drawn = {name: drawing(spec, timeline(spec, ledger, one, 7 * WEEKS)) for name, one in watched.items()}
    return TEMPLATES.get_template("incident.html").render(
        it=incident,
        place=layout.incident(spec.name, incident.sequence),
        plots=plots,
        NEWEST=NEWEST,
        drawings={name: one for name, one in drawn.items() if one},
        **pens(spec),
    )


def _gathered(
    spec: ModelSpec, rollback: Deployment, deployed: list[Deployment], lines: list[Served], store: Store, ledger: Ledger
) -> Incident:
    missing: list[str] = []
    away = str(rollback.replaces)
    comparison = None
    try:
        comparison = compare(spec, away, rollback.version, store, ledger)
    except PerennialError as problem:
        log.warning("The versions were not compared: %s", problem)
        missing.append(f"the versions were not compared: {problem}")
    since = [one.recorded_at for one in deployed if one.version == away and one.sequence < rollback.sequence]
    return Incident(
        model=spec.name, sequence=rollback.sequence, sent_away=away, restored=rollback.version,
        at=rollback.recorded_at, actor=rollback.actor, reason=rollback.reason,
        served_since=since[-1] if since else None, followed=last_followed(spec.name, ledger),
        predictions=_by_version(lines), gates=promotion_of(spec.name, away, ledger),
        verdicts=_newest(spec.name, ("watch", "served_drift", "served_quality"), ledger),
        performance=_newest(spec.name, ("performance", "served_performance"), ledger),
        comparison=comparison, timeline=_timeline(spec.name, rollback.recorded_at, ledger), missing=tuple(missing),
    )  # fmt: skip


def _served(spec: ModelSpec, rollback: Deployment, store: Store, home: Path) -> list[Served]:
    since = rollback.recorded_at - timedelta(days=WINDOW_DAYS)
    return sorted(served(spec, since, store, home), key=lambda one: one.at)


def _by_version(lines: list[Served]) -> dict[str, int]:
    versions = [one.said.version or "none" for one in lines]
    return {version: versions.count(version) for version in sorted(set(versions))}


def _newest(model: str, kinds: tuple[DecisionKind, ...], ledger: Ledger) -> tuple[str, ...]:
    found = [one for kind in kinds for one in ledger.newest_decisions(model, kind, most=VERDICTS)]
    made = sorted(found, key=lambda one: one.recorded_at)
    return tuple(f"{one.subject} {one.outcome}: {one.reason}" for one in made)


def _timeline(model: str, at: datetime, ledger: Ledger) -> tuple[Event, ...]:
    """Deployments, rollouts and decisions of the days before, in their order."""
    events = [
        Event(at=one.recorded_at, what=f"{one.action.replace('_', ' ')} v{one.version}", who=one.actor, why=one.reason)
        for one in ledger.deployments(model)
    ]
    events += [
        Event(at=one.recorded_at, what=f"rollout {one.action.replace('_', ' ')}: v{one.version} {one.stage} "
              f"{one.share:.0%}", who=one.actor, why=one.reason)
        for one in ledger.rollouts(model)
    ]  # fmt: skip
    events += [_decided(one) for one in ledger.decisions(model) if one.kind not in ("gate", "delivery", "fit")]
    return tuple(sorted((one for one in events if one.at >= at - timedelta(days=WINDOW_DAYS)), key=lambda one: one.at))


def _decided(one: Decision) -> Event:
    what = f"{one.kind.replace('_', ' ')} {one.subject}: {one.outcome}"
    return Event(at=one.recorded_at, what=what, who=one.actor, why=one.reason)


def _parquet(lines: list[Served]) -> bytes:
    """The window's predictions: who answered, what, how fast, and what came true."""
    table = pa.table(
        {
            "prediction_id": pa.array([one.id for one in lines], pa.string()),
            "at": pa.array([one.at for one in lines], pa.float64()),
            "version": pa.array([one.said.version for one in lines], pa.string()),
            "answer": pa.array([one.said.answer for one in lines], pa.float64()),
            "seconds": pa.array([one.said.seconds for one in lines], pa.float64()),
            "shadow_version": pa.array([one.shadow.version if one.shadow else None for one in lines], pa.string()),
            "shadow_answer": pa.array([one.shadow.answer if one.shadow else None for one in lines], pa.float64()),
            "label": pa.array([None if one.label is None else json.dumps(one.label) for one in lines], pa.string()),
        }
    )
    sink = BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()
