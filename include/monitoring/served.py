"""The daily watch over what the service answered: the same verdict on another source, and whether the day was whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from include.alerts import Notice, tell
from include.drift import Reference, Tier, worst
from include.errors import NothingToDo
from include.evaluation import evidence, reference
from include.lake.store import Store
from include.ledger import Ledger
from include.monitoring import quality, references
from include.monitoring.policy import alarm_of
from include.monitoring.quality import Quality
from include.monitoring.recording import record
from include.monitoring.traffic import Traffic, place, traffic
from include.monitoring.verdict import CurrentWindow, Verdict, judge
from include.monitoring.watch import champion_of, summary
from include.monitoring.watched import SERVED, tier_of_verdict
from include.settings import FILES
from include.spec import ModelSpec
from include.training.data import partition_day, partition_key


@dataclass(frozen=True)
class Assessed:
    """The verdicts on a day of live traffic; no drift where the champion answered nothing on it, or on too few days."""

    quality: Quality
    drift: Verdict | None

    @property
    def sentence(self) -> str:
        """Both in words."""
        drift = (
            self.drift.sentence if self.drift else "no verdict on drift yet: too little was answered by the champion"
        )
        return f"{drift}; {self.quality.sentence}"

    @property
    def tier(self) -> Tier:
        """The louder one."""
        return worst([one.tier for one in (self.drift, self.quality) if one is not None])


def assess(spec: ModelSpec, day: date, store: Store, ledger: Ledger) -> Assessed:
    """The verdicts on what was answered up to the end of a day, stored and recorded.

    NothingToDo without a champion, and where nobody asked on that day.
    """
    run_id, version = champion_of(spec, ledger)
    rule, key = spec.monitoring, partition_key(spec.contract, day)
    back = rule.window_days + (rule.reference_days if rule.reference == "rolling" else 0)
    days = {partition_key(spec.contract, one): seen for one, seen in traffic(spec, day, back, store).items()}
    if key not in days:
        raise NothingToDo(f"{spec.name}: nobody asked the service on {day}, or its log is not in the lake yet.")
    own, importance = reference.load(spec.name, run_id, store), evidence.importance(spec.name, run_id, store)
    drifted = _drift(spec, version, key, days, own, importance)
    *before, today = days.values()
    whole = quality.judge(spec, version, quality.Day(key, today, before, importance), own)
    if drifted is not None:
        record("served_drift", drifted, place(spec.name, day.isoformat(), "drift"), summary(drifted), store, ledger)
    record("served_quality", whole, place(spec.name, day.isoformat(), "quality"), _summary(whole), store, ledger)
    _tell(spec, whole, ledger)
    return Assessed(whole, drifted)


def _drift(
    spec: ModelSpec, version: str, key: str, days: Mapping[str, Traffic], own: Reference, importance: dict[str, float]
) -> Verdict | None:
    """The verdict on what the champion was asked and said; None where it said nothing that day, or has no reference."""
    said = {one: seen.versions[version] for one, seen in days.items() if seen.answered(version)}
    if key not in said:
        return None
    first = partition_key(spec.contract, partition_day(spec.contract, key) - timedelta(spec.monitoring.window_days - 1))
    window, before = ({one: day for one, day in said.items() if (one >= first) == late} for late in (True, False))
    if spec.monitoring.reference == "rolling" and len(before) < references.fewest(spec):
        return None
    compared = references.of_days(before) if spec.monitoring.reference == "rolling" else own
    keep = references.alike(spec, window, compared.features.keys)
    return judge(spec, version, CurrentWindow(window, keep, importance), compared)


def _tell(spec: ModelSpec, whole: Quality, ledger: Ledger) -> None:
    """An alarm rises at once and falls slowly; what a day of the past was like is no news."""
    recent = ledger.newest_decisions(spec.name, "served_quality", most=spec.monitoring.leave_after)
    if recent[-1].subject != whole.key:
        return
    tier = alarm_of([tier_of_verdict(one) for one in recent], spec.monitoring)
    tell(
        Notice(
            of="model", about=spec.name, cause="served quality", sentence=f"{whole.key}: {whole.sentence}", tier=tier,
            runbook="the-service-answers-otherwise",
            pages={"Verdict": f"{FILES}/{recent[-1].evidence}", "Runs": f"/dags/{SERVED.dag}_{spec.name}/runs"},
        ),
        ledger,
    )  # fmt: skip


def _summary(found: Quality) -> dict[str, object]:
    """What the ledger keeps of it beside tier and sentence: enough for a time line and the metrics."""
    return {"version": found.version, "rows": found.rows, "shares": found.shares}
