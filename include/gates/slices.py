"""Slices: what the average gains, no slice of the rows pays for.

A slice fails where it is surely worse, and only there. Were each slice to show that it is not worse, a challenger with
twenty slices of a few hundred rows would never pass: the rows of one slice can rarely tell. What that would let through
is bounded by three things: the interval of every slice is shown; a slice that could not be judged is named, and where
judged slices hold too small a share of the rows the gate is inconclusive; and the champion comparison has to be won on
all rows anyway.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from include.chance.false_discovery import adjusted
from include.evaluation.answers import MIN_DAYS
from include.evaluation.evidence import Evidence
from include.evaluation.slices import SliceTable
from include.gates.champion_evidence import lacking
from include.gates.result import Check, GateResult, Status
from include.gates.slice_questions import HARMED, WEAKEST, Question, questions, why_not_judged
from include.spec.grouping import Slices

NAME = "slices"


def decide(evidence: Evidence, rule: Slices) -> GateResult:
    """Fails where a slice surely loses more than the margin to the champion, or surely misses the floor.

    Sure is what is let through by the false discovery rate over all slices, those that the search found included.
    Inconclusive where the judged slices of a column hold too small a share of the rows.
    """
    table, problem = evidence.summary.slices, lacking(evidence)
    if table is None or problem is not None:
        why = problem or "the evidence has no slices, or a prediction is not a finite number"
        return GateResult.unmeasured(NAME, f"slices could not be measured: {why}", rule.required)
    measured = {column for one in table.slices for column, _ in one.terms}
    if table.metric != rule.metric or not measured.issuperset(rule.columns):
        why = "the evidence is of other slices or another metric: evaluate again"
        return GateResult.unmeasured(NAME, why, rule.required)
    asked = list(questions(table, rule))
    checks = [*_answers(asked, rule), *_coverage(table, rule), *_not_found(table, rule, evidence.champion is not None)]
    result = GateResult.of(NAME, checks)
    return result.model_copy(update={"sentence": _summary(asked, rule)}) if result.passed else result


def _answers(asked: Sequence[Question], rule: Slices) -> Iterator[Check]:
    rates = iter(adjusted(np.array([one.chance for one in asked if one.chance is not None])).tolist())
    for one in asked:
        status: Status = "pass"
        sentence = one.what
        if one.chance is not None:
            rate = next(rates)
            status = "fail" if rate <= rule.false_discovery_rate else "pass"
            sure = "surely missed" if status == "fail" else "not surely missed"
            sentence = f"{one.what}: {sure} (adjusted p {rate:.2g}, at most {rule.false_discovery_rate:g} is sure)"
        yield Check(
            name=one.name, status=status, observed=one.observed, threshold=one.threshold,
            lower=one.lower, upper=one.upper, sentence=sentence,
        )  # fmt: skip


def _coverage(table: SliceTable, rule: Slices) -> Iterator[Check]:
    """Per column the share of rows whose slice could be judged, naming those that could not."""
    for column in rule.columns:
        slices = [(one, why_not_judged(one, rule)) for one in table.slices if one.terms[0][0] == column]
        share = sum(one.rows for one, why in slices if why is None) / sum(one.rows for one, _ in slices)
        left_out = "; ".join(f"{one.name} ({why})" for one, why in slices if why is not None)
        yield Check(
            name=f"coverage of {column}",
            status="pass" if share >= rule.min_coverage else "inconclusive",
            observed=share,
            threshold=rule.min_coverage,
            sentence=f"slices of {column} that can be judged hold {share:.3f} of the rows, "
            f"required >= {rule.min_coverage:g}; not judged: {left_out or 'none'}",
        )


def _not_found(table: SliceTable, rule: Slices, has_champion: bool) -> Iterator[Check]:
    """A search that led to nothing says so. It blocks nobody: its slice was not declared."""
    searches = ((HARMED, table.most_harmed), (WEAKEST, table.weakest))
    for name, found in searches if has_champion else searches[1:]:
        if found is None:
            why = f"no slice has {rule.min_rows} rows on {MIN_DAYS} days in one half of the days"
            yield Check(name=name, status="pass", sentence=f"{name}: nothing to search, {why}")
        elif unjudged := why_not_judged(found.slice, rule):
            yield Check(
                name=name, status="pass", sentence=f"{name}: {found.slice.name} was found, not judged: {unjudged}"
            )


def _summary(asked: Sequence[Question], rule: Slices) -> str:
    judged = [(one.chance, one.what) for one in asked if one.chance is not None]
    if not judged:
        return f"{len(asked)} slices measured, nothing to compare them with: no champion yet, and no floor declared"
    _, closest = min(judged)
    return (
        f"{len(judged)} comparisons of slices, no limit is surely missed at a false discovery rate of "
        f"{rule.false_discovery_rate:g}; the closest: {closest}"
    )
