"""A replay in figures: a row per policy, and the limits that would have kept false alarms to a wanted number."""

from collections.abc import Mapping, Sequence
from datetime import date

from include.card.numbers import shown, signed
from include.evaluation.estimate import Estimate
from include.replay.outcome import Outcome, better
from include.replay.policies import Policy, ladder
from include.spec import ModelSpec
from include.spec.contract import Measured
from include.spec.metrics import Metric

FACTORS = (0.5, 1.0, 1.5, 2.0, 3.0)  # of the limits of drift
LADDER = "on_alarm"
HEAD = (
    "policy", "trainings", "promoted", "alarms", "false", "false a year", "days under alarm", "{metric}, mean of days",
    "better than {first} by", "CPU s",
)  # fmt: skip


class Report(Measured):
    """The outcomes of a replay. `gained` is by how much each policy was better than the first one, which it leaves out.

    `suggestion` are limits of drift that meet a wanted rate of false alarms, in words; empty where none was wanted.
    """

    model: str
    first: date
    last: date
    metric: Metric
    outcomes: tuple[Outcome, ...]
    gained: dict[str, Estimate]
    suggestion: str = ""

    @property
    def table(self) -> list[list[str]]:
        """The titles and a row per policy."""
        names = {"metric": self.metric, "first": self.outcomes[0].name}
        return [[title.format(**names) for title in HEAD], *(self._row(one) for one in self.outcomes)]

    def _row(self, one: Outcome) -> list[str]:
        gain = self.gained.get(one.name)
        better = f"{signed(gain.value)} ({signed(gain.lower)} to {signed(gain.upper)})" if gain else ""
        counts = (len(one.trainings), one.promoted, len(one.alarms), one.false_alarms)
        rest = (f"{one.false_alarms_per_year:.1f}", str(one.alarm_days), shown(one.realised), better)
        return [one.name, *map(str, counts), *rest, f"{one.seconds:.0f}"]

    @property
    def text(self) -> str:
        """The table for a terminal, as Markdown, with what is suggested."""
        rows = self.table
        widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
        lines = [_line(row, widths) for row in rows]
        rule = "|".join([f"{'-' * (widths[0] + 2)}", *(f"{'-' * (width + 1)}:" for width in widths[1:])])
        title = f"{self.model} from {self.first} to {self.last}, {len(self.outcomes[0].days)} days served"
        return "\n".join(
            [title, "", lines[0], f"|{rule}|", *lines[1:], *(["", self.suggestion] if self.suggestion else [])]
        )


def report(spec: ModelSpec, first: date, last: date, outcomes: Sequence[Outcome], wanted: float | None) -> Report:
    """The outcomes beside each other; with a wanted number of false alarms a year what the steps of the ladder say."""
    metric, (reference, *others) = spec.gates.champion_comparison.metric, outcomes
    return Report(
        model=spec.name,
        first=first,
        last=last,
        metric=metric,
        outcomes=tuple(outcomes),
        gained={one.name: better(metric, one, reference) for one in others},
        suggestion="" if wanted is None else suggestion(spec, outcomes, wanted),
    )


def steps(spec: ModelSpec, known: Mapping[str, Policy]) -> dict[str, Policy]:
    """The policies whose limits of drift are tried for a suggestion."""
    return ladder(LADDER, known[LADDER], spec, FACTORS)


def suggestion(spec: ModelSpec, outcomes: Sequence[Outcome], wanted: float) -> str:
    """The lowest limits with no more false alarms a year than wanted."""
    tried = {one.name: one for one in outcomes if one.name.startswith(f"{LADDER} x")}
    kept = [one for one in tried.values() if one.false_alarms_per_year <= wanted]
    if not kept:
        return f"No limits up to {FACTORS[-1]:g} times the declared ones had {wanted:g} false alarms a year or fewer."
    best = kept[0]
    limits = best.policy.applied(best.name, spec).monitoring
    return (
        f"For at most {wanted:g} false alarms a year: monitoring: {{warn: {limits.warn:g}, alert: {limits.alert:g}, "
        f"critical: {limits.critical:g}}} ({best.name}: {best.false_alarms} in {len(best.days)} days)."
    )


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (
        cell.ljust(width) if place == 0 else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return f"| {' | '.join([first, *others])} |"
