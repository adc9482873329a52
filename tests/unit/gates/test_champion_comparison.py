"""Champion comparison: every policy and method as a table, and what repeated testing does to it."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestPower

from include.evaluation.evidence import Evidence
from include.evaluation.history import Comparison
from include.features.matrix import Floats
from include.gates import decide
from include.gates.champion_comparison import decide as compare
from include.gates.result import GateResult, Status
from include.spec import ChampionComparison
from include.spec.comparison import Method, Policy
from include.spec.metrics import Metric
from tests.evaluations import FLAT, GOOD, NAN, POOR, TARGET, gates, held_out, with_one


def rule(metric: Metric = "auc", **changes: Any) -> ChampionComparison:
    return ChampionComparison.model_validate({"metric": metric, **changes})


def gained(by: float, noise: float = 0.0, days: int = 10, **changes: Any) -> Evidence:
    """A regression whose challenger's absolute error is smaller by `by`, give or take a day's own share of `noise`.

    The shares are normal quantiles, about a third of them further on each day: no day follows the one before.
    """
    day = np.arange(120) * days // 120
    target = np.linspace(-5, 5, 120)
    step = next(one for one in range(max(days // 3, 1), days + 2) if math.gcd(one, days) == 1)
    shares = stats.norm.ppf((np.arange(days) * step % days + 0.5) / days)
    by_day = by + noise * shares[day]
    return held_out(target, target + 10 - by_day, target + 10, days=days, task="regression", **changes)


def earlier(number: int, alpha: float = 0.01, first: str = "2013-01-01", last: str = "2013-01-10") -> Comparison:
    return Comparison(run_id=f"earlier-{number}", as_of="2013-01-08", first_day=first, last_day=last, alpha=alpha)


# Policies. The bounds of noise 0.4 over 10 days are 0.25 off, to either side.

MARGIN = {"non_inferior": 0.5, "significantly_better": 0.0, "better_by_margin": 0.5}


@pytest.mark.parametrize(
    ("policy", "by", "noise", "status"),
    [
        ("non_inferior", 3.0, 0.0, "pass"),
        ("non_inferior", 0.0, 0.0, "pass"),
        ("non_inferior", -0.499, 0.0, "pass"),
        ("non_inferior", -0.501, 0.0, "fail"),
        ("non_inferior", -4.0, 0.0, "fail"),
        ("non_inferior", -0.2, 0.4, "pass"),
        ("non_inferior", -0.3, 0.4, "inconclusive"),
        ("non_inferior", -0.7, 0.4, "inconclusive"),
        ("non_inferior", -0.8, 0.4, "fail"),
        ("significantly_better", 3.0, 0.0, "pass"),
        ("significantly_better", 0.001, 0.0, "pass"),
        ("significantly_better", 0.0, 0.0, "fail"),
        ("significantly_better", -0.001, 0.0, "fail"),
        ("significantly_better", 0.3, 0.4, "pass"),
        ("significantly_better", 0.2, 0.4, "inconclusive"),
        ("significantly_better", -0.2, 0.4, "inconclusive"),
        ("significantly_better", -0.3, 0.4, "fail"),
        ("better_by_margin", 3.0, 0.0, "pass"),
        ("better_by_margin", 0.501, 0.0, "pass"),
        ("better_by_margin", 0.499, 0.0, "fail"),
        ("better_by_margin", 0.0, 0.0, "fail"),
        ("better_by_margin", 0.8, 0.4, "pass"),
        ("better_by_margin", 0.6, 0.4, "inconclusive"),
        ("better_by_margin", 0.2, 0.4, "fail"),
    ],
)
def test_policies(policy: Policy, by: float, noise: float, status: Status) -> None:
    asked = rule("mae", policy=policy, margin=MARGIN[policy])
    result = compare(gained(by, noise), asked)
    check = result.checks[0]
    assert (result.status, check.threshold, check.name) == (status, asked.required, "mae")
    assert check.observed == pytest.approx(by, abs=1e-9)
    assert check.lower is not None
    assert check.upper is not None
    assert asked.reached(check.lower) == (status == "pass")
    assert asked.reached(check.upper) == (status != "fail")
    assert check.upper - check.lower == pytest.approx(0.5 if noise else 0, abs=0.1)


@pytest.mark.parametrize(
    ("policy", "required", "tie"),
    [
        ("non_inferior", "required >= -0.5", "pass"),
        ("significantly_better", "required > 0", "fail"),
        ("better_by_margin", "required >= 0.5", "fail"),
    ],
)
def test_a_tie_is_not_inferior_and_not_better(policy: Policy, required: str, tie: Status) -> None:
    for evidence in (held_out(TARGET, GOOD, GOOD), held_out(TARGET, POOR, POOR)):
        result = compare(evidence, rule(policy=policy, margin=MARGIN[policy]))
        check = result.checks[0]
        assert (result.status, check.observed, check.lower, check.upper) == (tie, 0, 0, 0)
        assert required in result.sentence


def test_a_tie_passes_even_without_a_margin_and_what_is_worse_does_not() -> None:
    assert compare(held_out(TARGET, GOOD, GOOD), rule()).status == "pass"
    assert compare(held_out(TARGET, with_one(GOOD, 0.9), GOOD), rule()).status != "pass"


@pytest.mark.parametrize(
    ("by", "margin", "policy", "status"),
    [
        (-0.5, 0.5, "non_inferior", "pass"),
        (-0.5, 0.4999, "non_inferior", "fail"),
        (0.5, 0.5, "better_by_margin", "pass"),
        (0.5, 0.5001, "better_by_margin", "fail"),
    ],
)
def test_what_is_exactly_the_margin_is_enough(by: float, margin: float, policy: Policy, status: Status) -> None:
    """Errors of 10 and 10 -+ 0.5 have no rounding."""
    evidence = held_out(np.zeros(120), np.full(120, 10 - by), np.full(120, 10.0), task="regression")
    assert compare(evidence, rule("mae", policy=policy, margin=margin)).status == status


@pytest.mark.parametrize(
    ("challenger", "champion", "status"),
    [(GOOD, POOR, "pass"), (POOR, GOOD, "fail"), (GOOD, GOOD, "pass"), (FLAT, GOOD, "fail"), (GOOD, FLAT, "pass")],
)
def test_by_a_metric_where_greater_is_better(challenger: Floats, champion: Floats, status: Status) -> None:
    result = compare(held_out(TARGET, challenger, champion), rule(margin=0.05))
    assert result.status == status
    assert "champion v4" in result.sentence


@pytest.mark.parametrize("alpha", [0.05, 0.1])
def test_the_sentence_tells_the_improvement_with_its_bounds(alpha: float) -> None:
    result = compare(gained(0.6, 0.4), rule("mae", confidence=1 - alpha))
    check = result.checks[0]
    assert check.lower is not None
    assert check.upper is not None
    assert 0 < check.lower < 0.6 < check.upper
    assert result.sentence == (
        f"mae improves by +0.6000 over champion v4 ({check.lower:+.4f} to {check.upper:+.4f} "
        f"at {1 - alpha:.1%} each side, 10 days), required >= 0: even the lower bound is enough"
    )


# Methods


@pytest.mark.parametrize(
    ("method", "metric"),
    [
        ("block_bootstrap", "auc"),
        ("block_bootstrap", "average_precision"),
        ("delong", "auc"),
        ("mcnemar", "accuracy"),
        ("paired_t", "log_loss"),
        ("paired_t", "brier"),
        ("paired_t", "accuracy"),
    ],
)
def test_every_method_tells_better_from_worse(method: Method, metric: Metric) -> None:
    better, worse = held_out(TARGET, GOOD, POOR), held_out(TARGET, POOR, GOOD)
    asked = rule(metric, method=method, policy="significantly_better")
    assert compare(better, asked).status == "pass"
    lost = compare(worse, asked)
    assert lost.status == "fail"
    assert lost.checks[0].observed == pytest.approx(-(compare(better, asked).checks[0].observed or 0))
    assert ("10 days" in lost.sentence) == (method == "block_bootstrap")
    assert ("120 rows" in lost.sentence) == (method != "block_bootstrap")


def test_rows_of_a_day_that_move_together_are_one_observation_by_the_bootstrap_and_many_by_the_t_test() -> None:
    evidence = gained(0.2, 0.4)
    by_day = compare(evidence, rule("mae", policy="significantly_better"))
    by_row = compare(evidence, rule("mae", policy="significantly_better", method="paired_t"))
    assert (by_day.status, by_row.status) == ("inconclusive", "pass")
    assert by_day.checks[0].observed == pytest.approx(by_row.checks[0].observed)


def test_weeks_are_blocks_of_seven_days() -> None:
    evidence = gained(0.3, 0.4, days=30)
    by_day, by_week = (
        compare(evidence, rule("mae", policy="significantly_better", block=block)) for block in ("day", "week")
    )
    assert (by_day.status, by_week.status) == ("pass", "inconclusive")
    assert "4 weeks of rows are too few to tell, 5 are needed" in by_week.sentence
    enough = compare(gained(0.9, 0.4, days=40), rule("mae", policy="significantly_better", block="week"))
    assert (enough.status, "5 weeks" in enough.sentence) == ("pass", True)


# Too little to tell


@pytest.mark.parametrize(
    ("days", "better", "worse"),
    [(1, "inconclusive", "inconclusive"), (4, "inconclusive", "inconclusive"), (5, "pass", "fail")],
)
def test_needs_enough_days_to_tell_either_way(days: int, better: Status, worse: Status) -> None:
    asked = rule("mae", margin=0.5)
    assert compare(gained(3, days=days), asked).status == better
    result = compare(gained(-3, days=days), asked)
    assert result.status == worse
    assert (f"{days} days of rows are too few to tell, 5 are needed" in result.sentence) == (days < 5)
    assert (result.comparison is None) == (days < 5)


@pytest.mark.parametrize("power", [0.8, 0.95])
@pytest.mark.parametrize(("method", "noise", "observations"), [("block_bootstrap", 0.4, 10), ("paired_t", 2.0, 120)])
def test_inconclusive_says_how_many_days_and_rows_it_would_take(
    method: Method, noise: float, observations: int, power: float
) -> None:
    """0.2 better than what is needed; the number is that of the sample size of a t-test."""
    evidence = gained(-0.3, noise)
    assert evidence.champion is not None
    each = np.abs(evidence.target - evidence.champion) - np.abs(evidence.target - evidence.challenger)
    spread = each.reshape(observations, -1).mean(axis=1).std(ddof=1)
    needed = TTestPower().solve_power(0.2 / spread, alpha=0.05, power=power, alternative="larger")
    days = math.ceil(needed * 10 / observations - 10)
    result = compare(evidence, rule("mae", margin=0.5, method=method, power=power))
    assert result.status == "inconclusive"
    assert f"about {days} more days ({days * 12} rows) would, with a chance of {power:.0%}" in result.sentence


def test_what_falls_short_by_itself_would_take_forever() -> None:
    result = compare(gained(-0.6, 0.4), rule("mae", margin=0.5))
    assert result.status == "inconclusive"
    assert "no number of rows would, for the observed improvement itself is not enough" in result.sentence
    tie = compare(gained(0.0, 0.4), rule("mae", policy="significantly_better"))
    assert (tie.status, "no number of rows would" in tie.sentence) == ("inconclusive", True)


def test_what_a_single_day_holds_cannot_be_told() -> None:
    target = np.where(np.arange(120) < 12, TARGET, 0.0)
    result = compare(held_out(target, GOOD, POOR), rule(margin=0.5))
    assert result.status == "inconclusive"
    assert "a single day holds what auc needs" in result.sentence
    assert compare(held_out(TARGET, GOOD, POOR), rule(margin=0.5)).status == "pass"


# No champion, no numbers


@pytest.mark.parametrize("version", [None, "4"])
def test_without_a_champion_there_is_nothing_to_compare_with(version: str | None) -> None:
    result = compare(held_out(TARGET, POOR, GOOD if version else None), rule(margin=0.05))
    assert (result.status, "no champion yet" in result.sentence) == (("fail", False) if version else ("pass", True))
    assert result.checks[0].threshold == -0.05
    assert (result.comparison is None) == (version is None)


def test_a_champion_whose_predictions_are_missing_is_an_error_and_no_pass() -> None:
    """The summary names a champion, the rows have none: the evidence is incomplete."""
    evidence = held_out(TARGET, GOOD, champion_version="4")
    for name in ("champion_comparison", "reference_sanity"):
        result = decide(name, evidence, gates())
        assert (result.status, "champion v4" in result.sentence) == ("error", True)
    assert "0 of 3 reference predictions of champion v4" in result.sentence


def test_a_champion_that_could_not_be_scored_is_an_error_in_its_own_words() -> None:
    problem = "champion v4 needs column carrier, which the rows no longer have"
    result = compare(held_out(TARGET, GOOD, champion_version="4", champion_problem=problem), rule())
    assert (result.status, problem in result.sentence, result.comparison) == ("error", True, None)
    assert compare(held_out(TARGET, GOOD, GOOD), rule()).status == "pass"


@pytest.mark.parametrize("value", [NAN, np.inf, -np.inf])
def test_a_prediction_that_is_no_number_is_an_error_on_either_side(value: float) -> None:
    for challenger, champion in ((with_one(GOOD, value), GOOD), (GOOD, with_one(GOOD, value))):
        result = compare(held_out(TARGET, challenger, champion), rule())
        assert (result.status, "not a finite number" in result.sentence) == ("error", True)
        assert result.checks[0].observed is None


@pytest.mark.parametrize("method", ["block_bootstrap", "paired_t"])
def test_errors_too_large_to_be_summed_are_no_infinite_improvement(method: Method) -> None:
    evidence = held_out(np.zeros(120), np.ones(120), np.zeros(120), task="regression")
    with np.errstate(over="ignore", invalid="ignore"):
        result = compare(replace(evidence, champion=np.full(120, 1.7e308)), rule("mae", method=method))
    assert (result.status, result.checks[0].observed) == ("error", None)
    assert "mae is not defined on these 120 rows" in result.sentence


@pytest.mark.parametrize("method", ["block_bootstrap", "delong"])
def test_with_one_class_is_an_error(method: Method) -> None:
    result = compare(held_out(np.zeros(120), GOOD, POOR), rule(margin=0.05, method=method))
    assert (result.status, result.checks[0].threshold, result.comparison) == ("error", -0.05, None)
    assert "required >= -0.05: auc is not defined on these 120 rows" in result.sentence


# Repeated testing


def test_a_comparison_says_what_it_spent_and_on_which_days() -> None:
    result = compare(gained(3), rule("mae"))
    assert result.comparison is not None
    assert result.comparison.model_dump() == {
        "run_id": "run-1", "as_of": "2013-01-09", "first_day": "2013-01-01", "last_day": "2013-01-10",
        "alpha": pytest.approx(0.05),
    }  # fmt: skip
    assert GateResult.model_validate_json(result.model_dump_json()) == result


@pytest.mark.parametrize(
    ("spent", "alpha", "status"),
    [(0.0, 0.05, "pass"), (0.2, 0.05, "pass"), (0.28, 0.01, "inconclusive"), (0.3, None, "inconclusive")],
)
def test_the_less_is_left_of_the_budget_the_surer_it_must_be(spent: float, alpha: float, status: Status) -> None:
    """0.3 better, bounds 0.22 off at 5 % and more where there is 0.02 or nothing left of the 0.3 that can be saved."""
    history = (earlier(1, spent, "2012-12-01", "2012-12-14").model_copy(update={"as_of": "2013-01-09"}),)
    result = compare(gained(0.3, 0.4, history=history), rule("mae", policy="significantly_better"))
    assert result.status == status
    assert (result.comparison and result.comparison.alpha) == (alpha and pytest.approx(alpha))
    assert ("95.0% each side" in result.sentence) == (alpha == 0.05)
    assert ("99.0% each side" in result.sentence) == (alpha == 0.01)
    assert ("spent the error budget" in result.sentence) == (alpha is None)


@pytest.mark.parametrize(("uses", "status"), [(4, "pass"), (5, "inconclusive"), (9, "inconclusive")])
def test_held_out_days_wear_out(uses: int, status: Status) -> None:
    history = tuple(earlier(number) for number in range(uses))
    result = compare(gained(3, history=history), rule("mae"))
    assert result.status == status
    assert ("the held-out days 2013-01-01 to 2013-01-10 are worn out" in result.sentence) == (uses > 4)
    assert (f"{uses} earlier comparisons" in result.sentence) == (uses > 4)
    assert (result.comparison is None) == (uses > 4)
    assert compare(gained(3, history=history), rule("mae", held_out_uses=10)).status == "pass"
