"""A year under one policy: who was champion in each week, and what became of every promotion and refusal."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from benchmarks.judging.policies import Match, Policy
from benchmarks.judging.year import WEEK, Challenger, Year
from include.evaluation.estimate import Difference
from include.evaluation.history import Comparison
from include.evaluation.intervals import paired_difference
from include.features.matrix import Floats
from include.gates.result import Status
from include.replay.outcome import CONFIDENCE, SEED
from include.training.windows import Window

FORTNIGHT = timedelta(days=14)


@dataclass(frozen=True)
class Judgement:
    """One Monday: what the policy said of the challenger, and by how much it was better on the days that followed."""

    challenger: Challenger
    status: Status
    afterwards: Difference

    @property
    def promoted(self) -> bool:
        """Whether the challenger became champion."""
        return self.status == "pass"


@dataclass(frozen=True)
class Career:
    """The champions of a year, one for each week from the first Monday on, and the judgements that chose them."""

    champions: tuple[Challenger, ...]
    judgements: tuple[Judgement, ...]

    def said(self, year: Year) -> Floats:
        """What the champion in office said of each row from the first Monday on."""
        weeks = [Window(monday, last_day(year, monday)) for monday in self.mondays]
        return np.concatenate([one.on(year.rows(week)) for one, week in zip(self.champions, weeks, strict=True)])

    @property
    def mondays(self) -> list[date]:
        """The first Monday, whose model nobody judged, and those of the judgements."""
        return [self.champions[0].as_of, *(one.challenger.as_of for one in self.judgements)]

    @property
    def mean_age_weeks(self) -> float:
        """How old the champion was on average when a week began."""
        pairs = zip(self.champions, self.mondays, strict=True)
        return float(np.mean([(monday - one.as_of) / WEEK for one, monday in pairs]))

    def counts(self) -> dict[str, int]:
        """Promoted, refused and inconclusive; promoted though worse on the following fortnight, and certainly so;
        kept out though better then."""
        status = Counter(one.status for one in self.judgements)
        assert not status["error"], "a comparison could not be made"
        promoted = [one.afterwards for one in self.judgements if one.promoted]
        kept_out = [one.afterwards for one in self.judgements if not one.promoted]
        return {
            "promoted": status["pass"],
            "refused": status["fail"],
            "inconclusive": status["inconclusive"],
            "promoted_worse": sum(one.observed < 0 for one in promoted),
            "promoted_certainly_worse": sum(one.upper < 0 for one in promoted),
            "kept_out_better": sum(one.observed > 0 for one in kept_out),
            "kept_out_certainly_better": sum(one.lower > 0 for one in kept_out),
        }

    def spoiled(self) -> dict[str, int]:
        """How many spoiled challengers were promoted, how many were offered, and how many weeks they served."""
        offered = [one for one in self.judgements if one.challenger.spoiled]
        return {
            "spoiled_promoted": sum(one.promoted for one in offered),
            "spoiled_offered": len(offered),
            "spoiled_weeks": sum(one.spoiled for one in self.champions),
        }


def career(year: Year, policy: Policy, challengers: Sequence[Challenger]) -> Career:
    """The first challenger is champion for want of another; the policy judges the others in turn."""
    champion, *others = challengers
    champions, judgements, history = [champion], list[Judgement](), list[Comparison]()
    for one in others:
        decided = policy(Match(year, one, champion, tuple(history)))
        if decided.comparison is not None:
            history.append(decided.comparison)
        judgements.append(Judgement(one, decided.status, afterwards(year, one, champion)))
        champion = one if decided.passed else champion
        champions.append(champion)
    return Career(tuple(champions), tuple(judgements))


def afterwards(year: Year, new: Challenger, old: Challenger) -> Difference:
    """By how much the new model was better on the fortnight after its Monday, which nobody knew then."""
    window = Window(new.as_of, min(new.as_of + FORTNIGHT - timedelta(days=1), year.last))
    rows, days = year.rows(window), year.days_of(window)
    metric = year.spec.gates.champion_comparison.metric
    return paired_difference(metric, year.target[rows], new.on(rows), old.on(rows), days.codes, CONFIDENCE, SEED)


def last_day(year: Year, monday: date) -> date:
    """The last day of a Monday's week; the last week of the year has all that is left of it."""
    end = monday + WEEK - timedelta(days=1)
    return end if end + WEEK <= year.last else year.last
