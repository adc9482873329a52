"""The whole watch over a stream, day by day: drift, performance measured and estimated, and what follows from them."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Self

import pyarrow as pa

from benchmarks.drifting.judged import LOUD, WEEK
from benchmarks.drifting.streams import Answers, Stream, importance
from benchmarks.drifting.worlds import NUMBERS, WORDS
from include.drift import Reference, Tier
from include.lake import profile_table
from include.lake.profile import Profile
from include.monitoring.estimating import WEEKS, Estimator, OfProbabilities
from include.monitoring.measurements import Promoted, measurements
from include.monitoring.outcomes import Said
from include.monitoring.performance import Finding, Labels, deciding
from include.monitoring.performance import judge as judge_performance
from include.monitoring.policy import Seen, Situation, follow_up
from include.monitoring.references import alike
from include.monitoring.verdict import CurrentWindow, Verdict, judge
from include.spec import ContractSpec, ModelSpec
from include.training import predictions
from include.training.predictions import PREDICTION

LABEL_DELAY = 3
VERSION = "1"


@dataclass(frozen=True)
class Day:
    """What the watch said on a day, and whether it asked for a training."""

    drift: Tier
    performance: Tier
    asked: bool
    harmless: bool

    @property
    def loud(self) -> bool:
        """Whether somebody is told to look."""
        return self.drift in LOUD or self.performance in LOUD

    @property
    def told(self) -> bool:
        """Whether who looks would read of it."""
        return self.harmless or (self.drift, self.performance) != ("ok", "ok")


def model(**monitoring: Any) -> ModelSpec:
    """The model of the streams, with the defaults of gates and watch but for what is given."""
    columns: dict[str, Any] = {"at": {"type": "timestamp"}, "late": {"type": "float", "nullable": True}}
    columns |= {name: {"type": "float", "nullable": True} for name in NUMBERS}
    columns |= {name: {"type": "string", "nullable": True} for name in WORDS}
    contract = {"dataset": "bench", "owner": "bench", "event_time": "at", "keys": ["at"], "columns": columns}
    return ModelSpec.model_validate(
        {
            "name": "bench", "owner": "bench", "task": "binary", "contract": contract,
            "target": {"column": "late", "above": 0.5}, "label_delay_days": LABEL_DELAY, "monitoring": monitoring,
            "features": {"numeric": NUMBERS, "categorical": WORDS}, "gates": {"calibration": {}},
        }
    )  # fmt: skip


def watch(given: Stream, profiles: "Profiles") -> list[Day]:
    """What is said on each day after the first week served, up to the first training asked for once the fault began."""
    spec = profiles.spec
    performance = Performance.of(given.answers, spec)
    days, history, asked = list[Day](), list[Seen](), list[date]()
    for today in range(given.plan.serves + WEEK - 1, given.plan.days):
        drift, measured = profiles.verdict(today), performance.verdict(today)
        day = date.fromisoformat(drift.key)
        history.append(Seen(day, drift.tier, measured.tier))
        action = follow_up(history, Situation(asked=tuple(asked)), spec.monitoring).action
        asked += [history[-1].day] if action == "request_training" else []
        harmless = any(one.harmless for one in drift.drifts)
        days.append(Day(drift.tier, measured.tier, action == "request_training", harmless))
        if days[-1].asked and today >= given.plan.start:
            break
    return days


@dataclass(frozen=True)
class Profiles:
    """A stream's days as they are stored, and what they are compared with."""

    spec: ModelSpec
    days: dict[str, Profile]
    reference: Reference

    @classmethod
    def of(cls, given: Stream, spec: ModelSpec) -> Self:
        """Profiles every day, its features and its answers."""
        plan, contract = given.plan, _features(spec)
        single = [range(day, day + 1) for day in range(plan.days)]
        tables = (pa.Table.from_pandas(given.of(day), preserve_index=False) for day in single)
        seen = dict(zip(plan.keys, (profile_table(table, contract) for table in tables), strict=True))
        said = {key: _said(spec, given.answers.of(day).rows) for key, day in zip(plan.keys, single, strict=True)}
        learnt, held_out = plan.keys[: plan.training], plan.keys[plan.training : plan.serves]
        reference = Reference.of(_of(seen, learnt), _of(said, held_out), _of(said, learnt))
        both = {
            key: day.model_copy(update={"columns": {**day.columns, **said[key].columns}}) for key, day in seen.items()
        }
        return cls(spec, both, reference)

    def verdict(self, today: int) -> Verdict:
        """On the week that ends today."""
        week = dict(list(self.days.items())[today - WEEK + 1 : today + 1])
        keep = alike(self.spec, week, self.reference.features.keys)
        return judge(self.spec, VERSION, CurrentWindow(week, keep, importance()), self.reference)


@dataclass(frozen=True)
class Performance:
    """A stream's answers, and what is to be expected of them."""

    spec: ModelSpec
    answers: Answers
    promoted: Promoted
    estimator: Estimator

    @classmethod
    def of(cls, answers: Answers, spec: ModelSpec) -> Self:
        """Learns from the held-out days what is to be expected."""
        known = answers.of(range(answers.plan.training, answers.plan.serves))
        return cls(
            spec, answers, Promoted.of(spec, known), OfProbabilities.learn(spec.gates.champion_comparison.metric, known)
        )

    def verdict(self, today: int) -> Finding:
        """On the labels that are in, and on the estimate where they are not. Further back than the watch looks, nothing
        is read."""
        plan, recent = self.answers.plan, self.spec.monitoring.performance_days
        ripe = range(max(plan.serves, today - WEEKS * WEEK - LABEL_DELAY), today - LABEL_DELAY + 1)
        labels = Labels(watermark=plan.keys[ripe.stop - 1] if ripe else None, age=LABEL_DELAY, shares=())
        newest = self.answers.of(range(max(plan.serves, today - recent + 1), today + 1)).rows
        found = measurements(
            self.spec, labels, self.promoted, self.answers.of(ripe), newest, self.estimator, deciding(self.spec.gates)
        )
        return judge_performance(found, self.spec.gates, self.spec.monitoring)


def _of(days: dict[str, Profile], keys: list[str]) -> dict[str, Profile]:
    return {key: days[key] for key in keys}


def _features(spec: ModelSpec) -> ContractSpec:
    return spec.contract.model_copy(update={"columns": {name: spec.column(name) for name in spec.features.names}})


def _said(spec: ModelSpec, rows: Said) -> Profile:
    return Profile(rows=len(rows.said), columns={PREDICTION: predictions.profile(spec, rows.said)})
