"""Fairness: do the groups of a column, people or places, get their errors in equal measure?

Binary: equal opportunity asks that those who are yes are told so equally often in every group (equal true positive
rates); equalised odds asks it of false alarms too (Hardt, Price & Srebro 2016, arXiv:1610.02413, section 2).
Multiclass: the same of the recall of each class. Regression: of the mean error, in standard deviations of the target.

A gap is the largest difference between two groups. The gap that is seen is larger than the true one on average, and
more so the smaller and the more the groups are, because the largest of many noisy differences is partly noise. Its
bounds account for that: they are those of all pairs of groups at once.

Only counts and rates of groups are kept, never the group of a row: a column may be personal.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from include.evaluation.answers import MIN_DAYS, Answers
from include.evaluation.coded import Coded
from include.evaluation.estimate import Estimate
from include.evaluation.gap import gap, increase, pairs_of, widest
from include.evaluation.tally import Tally, rates_of, tally
from include.spec.contract import Measured
from include.spec.grouping import Fairness
from include.spec.metrics import Task

SEED = 20161007
RATES_OF_GAP: dict[Task, dict[str, int | None]] = {  # how many rates are in it, from the first on; None: all
    "binary": {"equal opportunity": 1, "equalised odds": 2},
    "multiclass": {"recall": None},
    "regression": {"mean error": None},
}


class Rate(Measured):
    """How often a group was told yes, or rightly told its class, in `rows` rows; for a regression its mean error.

    It is judged where enough rows on enough days stand behind it. NaN where it has no rows.
    """

    name: str
    rows: int
    judged: bool
    challenger: float
    champion: float | None


class Group(Measured):
    """One group of a column with its rates."""

    name: str
    rows: int
    rates: tuple[Rate, ...]


class Gap(Measured):
    """The largest difference of a rate between two judged groups, which are named as the challenger has them.

    `champion` and `increase`, the challenger's gap less the champion's, are None while there is no champion.
    """

    rate: str
    higher: str
    lower: str
    challenger: Estimate
    champion: Estimate | None
    increase: Estimate | None


class ColumnFairness(Measured):
    """The groups of one column, and each of the task's gaps by name: None where fewer than two groups are judged."""

    column: str
    groups: tuple[Group, ...]
    gaps: dict[str, Gap | None]


@dataclass(frozen=True)
class _Counts:
    rates: tuple[str, ...]
    groups: tuple[str, ...]
    challenger: Tally
    champion: Tally | None
    judged: npt.NDArray[np.bool_]


def measure_fairness(
    answers: Answers, groups: Mapping[str, Coded], rule: Fairness
) -> tuple[ColumnFairness, ...] | None:
    """The rates and gaps of every column; None where a prediction is no number."""
    if not answers.are_finite:
        return None
    return tuple(_column(name, _counts(answers, coded, rule), answers.task, rule) for name, coded in groups.items())


def _counts(answers: Answers, groups: Coded, rule: Fairness) -> _Counts:
    challenger, champion = tally(answers, answers.challenger, groups, rule.decision_threshold), None
    if answers.champion is not None:
        champion = tally(answers, answers.champion, groups, rule.decision_threshold)
    rows = challenger.rows.sum(axis=2)
    enough = rows >= (1 if answers.task == "regression" else rule.min_positives)
    seen = (challenger.rows > 0).sum(axis=2) >= MIN_DAYS
    judged = (rows.sum(axis=0) >= rule.min_rows) & enough & seen
    return _Counts(rates_of(answers), groups.names, challenger, champion, judged)


def _column(name: str, counts: _Counts, task: Task, rule: Fairness) -> ColumnFairness:
    return ColumnFairness(
        column=name,
        groups=tuple(_group(counts, place) for place in range(len(counts.groups))),
        gaps={gap: _gap(counts, rates, rule.confidence) for gap, rates in RATES_OF_GAP[task].items()},
    )


def _group(counts: _Counts, place: int) -> Group:
    rows = counts.challenger.rows.sum(axis=2)[:, place]
    champion = None if counts.champion is None else counts.champion.shares[:, place].tolist()
    rates = tuple(
        Rate(
            name=name,
            rows=int(rows[number]),
            judged=bool(counts.judged[number, place]),
            challenger=float(counts.challenger.shares[number, place]),
            champion=None if champion is None else champion[number],
        )
        for number, name in enumerate(counts.rates)
    )
    return Group(name=counts.groups[place], rows=int(rows.sum()), rates=rates)


def _gap(counts: _Counts, rates: int | None, confidence: float) -> Gap | None:
    pairs = pairs_of(counts.judged[:rates])
    if not pairs:
        return None
    challenger, champion = counts.challenger, counts.champion
    rate, higher, lower = widest(challenger, pairs)
    return Gap(
        rate=counts.rates[rate],
        higher=counts.groups[higher],
        lower=counts.groups[lower],
        challenger=gap(challenger, pairs, confidence, SEED),
        champion=None if champion is None else gap(champion, pairs, confidence, SEED),
        increase=None if champion is None else increase(challenger, champion, pairs, confidence, SEED),
    )
