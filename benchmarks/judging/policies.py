"""The policies: what each one says of a challenger, given the champion it would replace."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from benchmarks.judging.year import Challenger, Year
from include.evaluation.estimate import Estimate
from include.evaluation.evidence import Evidence, Summary
from include.evaluation.history import Comparison
from include.evaluation.metrics import improvement, measure
from include.gates import GateResult, decide
from include.spec import ChampionComparison
from include.spec.gates import Gates

FIELD_SLACK = 0.01  # `new >= old - 0.01`, as tutorials and templates have it


@dataclass(frozen=True)
class Match:
    """A challenger and the champion it would replace, with the comparisons that the champion's model was through."""

    year: Year
    challenger: Challenger
    champion: Challenger
    history: tuple[Comparison, ...]

    def improvement(self) -> float:
        """By how much the challenger is better on its held-out rows, with both scored on them."""
        metric, rows = self.year.spec.gates.champion_comparison.metric, self.year.rows(self.challenger.held_out)
        new, old = (measure(metric, self.year.target[rows], one.on(rows)) for one in (self.challenger, self.champion))
        return improvement(metric, new, old)

    def evidence(self) -> Evidence:
        """The evidence of this comparison, as gates read it."""
        spec, rows = self.year.spec, self.year.rows(self.challenger.held_out)
        metric = spec.gates.champion_comparison.metric
        said, target = self.challenger.on(rows), self.year.target[rows]
        summary = Summary(
            model=spec.name,
            run_id=f"{self.challenger.as_of}",
            as_of=f"{self.challenger.as_of}",
            task=spec.task,
            training_window="",
            held_out_window=str(self.challenger.held_out),
            training_snapshot="",
            held_out_snapshot="",
            rows=len(target),
            champion_version=f"of {self.champion.as_of}",
            challenger_metrics={metric: Estimate(value=self.challenger.stored_score)},
            champion_metrics=None,
            history=self.history,
        )
        return Evidence(
            summary=summary,
            days=self.year.days_of(self.challenger.held_out),
            target=target,
            challenger=said,
            champion=self.champion.on(rows),
            reference_challenger=said[:0],
            reference_champion=None,
        )


Policy = Callable[[Match], GateResult]


def _said(promotes: bool) -> GateResult:
    return GateResult(gate="policy", status="pass" if promotes else "fail", sentence="", checks=())


def _always(_: Match) -> GateResult:
    return _said(True)


def _never(_: Match) -> GateResult:
    return _said(False)


def _not_much_worse(slack: float, match: Match) -> GateResult:
    return _said(match.improvement() >= -slack)


def _stored_scores(match: Match) -> GateResult:
    """Each score on the rows it was made on: what a comparison by the registry's metrics does."""
    metric = match.year.spec.gates.champion_comparison.metric
    return _said(improvement(metric, match.challenger.stored_score, match.champion.stored_score) >= 0)


def _compared(rule: ChampionComparison, match: Match) -> GateResult:
    gates = match.year.spec.gates.model_copy(update={"champion_comparison": rule})
    return decide("champion_comparison", match.evidence(), gates)


def _declared(match: Match) -> GateResult:
    """The floor and the comparison as model.yaml has them."""
    evidence, gates = match.evidence(), match.year.spec.gates
    floor = decide("absolute_floor", evidence, gates)
    compared = decide("champion_comparison", evidence, gates)
    return compared if floor.passed else floor.model_copy(update={"comparison": compared.comparison})


def policies(gates: Gates) -> dict[str, Policy]:
    """Every policy by its name in the tables; `gates` are those the model declares."""
    metric = gates.champion_comparison.metric
    rules = {
        **{
            f"non_inferior {margin:g}": ChampionComparison(metric=metric, policy="non_inferior", margin=margin)
            for margin in (0.0025, 0.005, 0.01, 0.02)
        },
        "significantly_better": ChampionComparison(metric=metric, policy="significantly_better"),
        **{
            f"better_by_margin {margin:g}": ChampionComparison(metric=metric, policy="better_by_margin", margin=margin)
            for margin in (0.005, 0.01)
        },
    }
    return {
        "always promote": _always,
        "never retrain": _never,
        "new >= old, same rows": partial(_not_much_worse, 0.0),
        f"new >= old - {FIELD_SLACK:g}, same rows": partial(_not_much_worse, FIELD_SLACK),
        "new >= old, stored scores": _stored_scores,
        **{name: partial(_compared, rule) for name, rule in rules.items()},
        "as declared, with its floor": _declared,
    }
