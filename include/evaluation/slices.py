"""Slices: the challenger and the champion on each value of a column, and on the worst slice that a search finds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

import numpy as np

from include.evaluation.answers import MIN_DAYS, Answers
from include.evaluation.blocks import Cells
from include.evaluation.coded import Coded, Codes
from include.evaluation.estimate import Difference, Estimate
from include.evaluation.means import Statistic, losses
from include.evaluation.metrics import statistics
from include.evaluation.resampling import Sampling, interval
from include.evaluation.worst_slice import Term, worst
from include.features.matrix import Floats
from include.spec.contract import Measured
from include.spec.grouping import Slices
from include.spec.metrics import GREATER_IS_BETTER, Metric

CONFIDENCE = 0.95  # of each bound that is shown; what is refused is decided by the false discovery rate
SEED = 18071806
RANKING: dict[Metric, Metric] = {"auc": "log_loss", "average_precision": "log_loss"}  # those that are no mean of rows


class Level(Estimate):
    """A metric with its standard error by days, which are worth `effective_blocks` independent ones."""

    standard_error: float
    blocks: int
    effective_blocks: float


class Slice(Measured):
    """One slice of the held-out rows: a value of one column, or of two that hold together.

    `champion` and `difference`, the challenger's improvement over it, are None while there is no champion.
    """

    terms: tuple[Term, ...]
    rows: int
    challenger: Level
    champion: Level | None
    difference: Difference | None

    @property
    def name(self) -> str:
        """The slice in words. Example: origin EWR and distance above 1024"""
        return " and ".join(f"{column} {value}" for column, value in self.terms)


class FoundSlice(Measured):
    """The worst of `compared` slices on one half of the days, as it is on the other half."""

    compared: int
    slice: Slice


class SliceTable(Measured):
    """The declared slices, and those that the search found: where the challenger loses most to the champion, and where
    its errors are largest. The latter are None where no slice had enough rows and days, or there is no champion."""

    metric: Metric
    slices: tuple[Slice, ...]
    most_harmed: FoundSlice | None
    weakest: FoundSlice | None


def measure_slices(answers: Answers, groups: Mapping[str, Coded], rule: Slices) -> SliceTable | None:
    """Measures every slice of the declared columns and searches all `groups`; None where a prediction is no number."""
    if not answers.are_finite:
        return None
    declared = tuple(
        one
        for column in rule.columns
        for one in _measured(
            answers, groups[column], [((column, value),) for value in groups[column].names], rule.metric
        )
    )
    loss, harmed = _loss(answers, answers.challenger, rule.metric), None
    if answers.champion is not None:
        harmed = _found(answers, groups, rule, loss - _loss(answers, answers.champion, rule.metric))
    return SliceTable(
        metric=rule.metric,
        slices=declared,
        most_harmed=harmed,
        weakest=_found(answers, groups, rule, _beyond_the_day(loss, answers.days)),
    )


def _measured(answers: Answers, group: Coded, terms: Sequence[tuple[Term, ...]], metric: Metric) -> Iterator[Slice]:
    """A slice per group, the terms telling what it is."""
    cells = Cells.of(answers.days, group)
    ours = statistics(metric, answers.target, answers.challenger, cells)
    champion = answers.champion
    theirs = [None] * cells.groups if champion is None else statistics(metric, answers.target, champion, cells)
    for told, rows, one, other in zip(terms, cells.totals(), ours, theirs, strict=True):
        yield Slice(
            terms=told,
            rows=int(rows.sum()),
            challenger=_level(one, rows),
            champion=None if other is None else _level(other, rows),
            difference=None if other is None else _difference(one, other, rows, GREATER_IS_BETTER[metric]),
        )


def _level(statistic: Statistic, rows: Floats) -> Level:
    found = asdict(interval(statistic, rows, Sampling(CONFIDENCE, SEED)))
    return Level(value=found.pop("observed"), **found)


def _difference(challenger: Statistic, champion: Statistic, rows: Floats, greater_is_better: bool) -> Difference:
    better, worse = (challenger, champion) if greater_is_better else (champion, challenger)
    found = interval(lambda drawn: better(drawn) - worse(drawn), rows, Sampling(CONFIDENCE, SEED))
    return Difference.model_validate(asdict(found))


def _found(answers: Answers, groups: Mapping[str, Coded], rule: Slices, loss: Floats) -> FoundSlice | None:
    """Searches every second day and measures on the others: in a fortnight each half has every weekday."""
    searched = answers.days % 2 == 0
    halves = {name: one.where(searched) for name, one in groups.items()}
    found = worst(loss[searched], answers.days[searched], halves, rule.min_rows, MIN_DAYS)
    if found is None or searched.all():
        return None
    inside = Coded(found.rows(groups)[~searched].astype(np.int32), ("elsewhere", "inside"))
    _, measured = _measured(answers.where(~searched), inside, ((), found.terms), rule.metric)
    return FoundSlice(compared=found.compared, slice=measured)


def _beyond_the_day(loss: Floats, days: Codes) -> Floats:
    """By how much each row's loss is larger than the mean of its day: a bad day is no slice."""
    rows = np.maximum(np.bincount(days), 1)
    return loss - (np.bincount(days, loss) / rows)[days]


def _loss(answers: Answers, said: Floats, metric: Metric) -> Floats:
    ranking = RANKING.get(metric, metric)
    found = losses(ranking, answers.target, said)
    return -found if ranking == "accuracy" else found
