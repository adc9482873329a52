"""One policy under way: its champion, what its watch has seen, what it asked for, and what became of it."""

from collections import deque
from dataclasses import dataclass, field
from datetime import date

from include.drift import TIERS, Tier, worst
from include.errors import PerennialError
from include.evaluation.history import Comparison
from include.gates import GateResult
from include.monitoring.policy import FollowUp, Seen, Situation, follow_up
from include.replay import judging
from include.replay.challenger import Challenger
from include.replay.history import History
from include.replay.outcome import Alarm, Day, Outcome, Training
from include.replay.policies import Policy
from include.replay.scoring import Scored
from include.replay.stakes import Stake
from include.replay.watching import Verdicts, Watch, Watched, kept_days
from include.spec import ModelSpec


@dataclass(frozen=True)
class Judged:
    """The verdicts of one day, and the champion they are on."""

    day: date
    of: Challenger
    said: Verdicts


@dataclass
class Trial:
    """A policy and the state that a live loop would have by now."""

    name: str
    policy: Policy
    spec: ModelSpec
    champion: Challenger
    comparisons: list[Comparison] = field(default_factory=list)
    window: dict[str, Watched] = field(default_factory=dict)
    seen: deque[Judged] = field(default_factory=deque)
    asked: list[date] = field(default_factory=list)
    days: list[Day] = field(default_factory=list)
    trainings: list[Training] = field(default_factory=list)
    stakes: list[Stake] = field(default_factory=list)
    standing: Tier = "ok"
    alarmed_for: Challenger | None = None

    def score(self, scored: Scored) -> None:
        """The champion answers a day; what earlier alarms were about is followed."""
        for stake in self.stakes:
            stake.follow(scored)
        self.window[scored.key] = Watched(scored.answered(self.champion), scored.profile(self.champion))
        while len(self.window) > kept_days(self.spec):
            del self.window[next(iter(self.window))]
        self.days.append(
            Day(
                day=scored.day, champion=self.champion.as_of, metric=scored.metric(self.champion), tier="ok",
                alarm=self.standing,
            )
        )  # fmt: skip

    def watch(self, morning: date, watch: Watch) -> tuple[FollowUp, Stake | None]:
        """What the policy makes of the verdict on the newest day, and the alarm that begins with it."""
        newest, limits, before = self.days[-1], self.spec.monitoring, self.standing
        said = watch.verdicts(self.policy, self.spec, self.champion, self.window)
        tier = worst([said.drift, said.performance])
        self.seen.append(Judged(newest.day, self.champion, said))
        while len(self.seen) > max(limits.of_windows, limits.leave_after):
            self.seen.popleft()
        decided = follow_up(self._history, Situation(asked=tuple(self.asked)), limits)
        self.standing = worst([decided.drift, decided.performance])
        self.days[-1] = newest.model_copy(update={"tier": tier, "alarm": self.standing})
        if decided.action == "request_training":
            self.asked.append(morning)
        if not _is_loud(self.standing) or (_is_loud(before) and not self._is_for_another(tier)):
            return decided, None
        self.alarmed_for = self.champion
        self.stakes.append(Stake(morning, self.standing, self.champion))
        return decided, self.stakes[-1]

    @property
    def _history(self) -> list[Seen]:
        return [
            Seen(one.day, one.said.drift, one.said.performance, since_champion=one.of is self.champion)
            for one in self.seen
        ]

    def _is_for_another(self, tier: Tier) -> bool:
        """Whether an alarm that stands goes on for a champion that it was not about when it began."""
        return _is_loud(tier) and self.alarmed_for is not self.champion

    def compare(self, challenger: Challenger, why: str, history: History) -> None:
        """The gates decide on a challenger; one that passes all of them serves from now on.

        Whoever is asked for approval agrees at once.
        """
        said = judging.judged(challenger, self.champion, tuple(self.comparisons), history)
        self.comparisons += [one.comparison for one in said if one.comparison is not None]
        against = [one for one in said if not one.passed]
        self.trainings.append(_training(challenger, why, against))
        if not against:
            self.champion = challenger

    def failed(self, morning: date, why: str, problem: PerennialError) -> None:
        """A training that came to nothing, and why."""
        said = str(problem)
        self.trainings.append(Training(as_of=morning, why=why, promoted=False, against=said, seconds=0))

    def outcome(self) -> Outcome:
        """What became of it."""
        margin = self.spec.gates.champion_comparison.margin
        alarms = tuple(Alarm(day=one.day, tier=one.tier, loss=one.loss) for one in self.stakes)
        return Outcome(
            name=self.name, policy=self.policy, days=tuple(self.days), trainings=tuple(self.trainings), alarms=alarms,
            margin=margin,
        )  # fmt: skip


def _is_loud(tier: Tier) -> bool:
    return TIERS.index(tier) >= TIERS.index("alert")


def _training(challenger: Challenger, why: str, against: list[GateResult]) -> Training:
    return Training(
        as_of=challenger.as_of,
        why=why,
        promoted=not against,
        against="; ".join(f"{one.gate}: {one.sentence}" for one in against),
        seconds=challenger.seconds,
    )
