"""Fairness: the groups of a declared column get their errors in equal measure, and no less so than with the champion.

Three outcomes, because the gap that is seen is larger than the true one on average, and more so with small groups:
a gap whose lower bound is above the limit fails; one at or under the limit passes; one above it that may be noise is
inconclusive, which does not pass. Who gets that often has groups too small for the limit: judge more days
(`training.held_out_days`), larger groups (`min_rows`, `min_positives`), or fewer of them (`edges`).
"""

import math
from collections.abc import Iterator

from include.evaluation.estimate import Estimate
from include.evaluation.evidence import Evidence
from include.evaluation.fairness import ColumnFairness
from include.gates.champion_evidence import lacking
from include.gates.result import Check, GateResult, Status
from include.spec.grouping import Fairness

NAME = "fairness"


def decide(evidence: Evidence, rule: Fairness) -> GateResult:
    """Fails where a gap is surely larger than the limit, or surely grew by more than the limit since the champion."""
    columns, problem = evidence.summary.fairness, lacking(evidence)
    if columns is None or problem is not None:
        why = problem or "the evidence has no groups, or a prediction is not a finite number"
        return GateResult.unmeasured(NAME, f"fairness could not be measured: {why}", rule.max_gap)
    if tuple(one.column for one in columns) != rule.columns:
        return GateResult.unmeasured(NAME, "the evidence is of other columns: evaluate again", rule.max_gap)
    return GateResult.of(NAME, [check for column in columns for check in _checks(column, rule)])


def _checks(column: ColumnFairness, rule: Fairness) -> Iterator[Check]:
    left_out = _left_out(column)
    for kind, gap in column.gaps.items():
        name = f"{kind} by {column.column}"
        if gap is None:
            sentence = f"{name}: fewer than two groups can be judged{left_out}"
            yield Check(name=name, status="inconclusive", threshold=rule.max_gap, sentence=sentence)
            continue
        between = f"{name}: {gap.rate} of {gap.higher} less that of {gap.lower} is"
        yield _check(name, between, gap.challenger, rule.max_gap, rule, left_out)
        if gap.increase is not None:
            yield _check(
                f"{name}, increase", f"{name}: the gap less the champion's is", gap.increase, rule.max_increase, rule
            )


def _check(name: str, told: str, found: Estimate, limit: float, rule: Fairness, left_out: str = "") -> Check:
    status, why = _verdict(found, limit)
    bounds = f"{found.lower:.3f} to {found.upper:.3f} at {rule.confidence:.0%} each side"
    return Check(
        name=name,
        status=status,
        observed=found.value,
        threshold=limit,
        lower=found.lower,
        upper=found.upper,
        sentence=f"{told} {found.value:.3f} ({bounds}), required <= {limit:g}: {why}{left_out}",
    )


def _verdict(found: Estimate, limit: float) -> tuple[Status, str]:
    if not math.isfinite(found.value):
        return "error", "it could not be measured"
    if found.value <= limit:
        return "pass", "within the limit"
    if found.lower > limit:
        return "fail", "surely above the limit"
    return "inconclusive", "above the limit, which may be noise"


def _left_out(column: ColumnFairness) -> str:
    """The groups with a rate that is not judged, and the rows that it rests on."""
    few = [
        f"{group.name} ({rate.name} on {rate.rows} rows)"
        for group in column.groups
        for rate in group.rates
        if not rate.judged
    ]
    return f"; not judged: {', '.join(few)}" if few else ""
