"""What a step of a rollout comes to: go on, wait, or stop. Pure: counts and rules in, a verdict out.

Every question has an e-process against "it is not worse than tolerated"; the step stops when one of them is refuted
beyond `false_stop`, divided by the questions and the steps. The last step at which champion and challenger can be
compared also has to refute "it is worse than tolerated" for errors and latency, at `miss`. Each step is judged on its
own requests: within one step the shares do not change, so that the hour of the day cannot pass for a difference.
"""

from typing import Literal

import numpy as np

from include.release.observed import Observed, Pairs
from include.release.rollout import Step, steps
from include.release.sequential import quantile
from include.release.sequential.betting import Sample, above, below, of, rate
from include.release.sequential.difference import exceeds, falls_short
from include.release.sequential.spread import apart, apart_in_pairs, distance
from include.spec import RolloutRules
from include.spec.frozen import Measured

Question = Literal["errors", "latency", "answers", "outcome"]
QUESTIONS: tuple[Question, ...] = ("errors", "latency", "answers", "outcome")
Decision = Literal["go", "wait", "stop"]
SLOW = 0.01  # the part of requests that may take longer than the 99th percentile that is promised


class Finding(Measured):
    """The answer to one question. `harm` and `safety` are evidence as logarithms; what they need is beside them."""

    question: Question
    told: str
    harm: float
    harm_needed: float
    safety: float | None = None
    safety_needed: float | None = None

    @property
    def worse(self) -> bool:
        """Whether it is surely worse than tolerated."""
        return self.harm >= self.harm_needed

    @property
    def proven(self) -> bool:
        """Whether it is surely not, where that has to be proven."""
        return self.safety is None or self.safety_needed is None or self.safety >= self.safety_needed


class Verdict(Measured):
    """What is to follow, and why."""

    stage: str
    share: float
    decision: Decision
    sentence: str
    requests: int
    minutes: float
    findings: tuple[Finding, ...]


def judge(rules: RolloutRules, step: Step, seen: Observed, minutes: float) -> Verdict:
    """The verdict on a step that took so many minutes so far, at any time and as often as one likes."""
    findings = _findings(rules, step, seen)
    decision, sentence = _decided(rules, step, seen, minutes, findings)
    return Verdict(
        stage=step.stage, share=step.share, decision=decision, sentence=sentence, findings=findings,
        requests=seen.challenger.requests, minutes=minutes,
    )  # fmt: skip


def needs_proof(rules: RolloutRules, step: Step) -> bool:
    """Whether this is the last step at which the challenger can be compared; the only one if there is no other."""
    compared = [share for share in rules.shares if share < 1]
    return step.stage == "canary" and step.share == (compared[-1] if compared else rules.shares[0])


def _decided(
    rules: RolloutRules, step: Step, seen: Observed, minutes: float, findings: tuple[Finding, ...]
) -> tuple[Decision, str]:
    if worse := [one.told for one in findings if one.worse]:
        return "stop", "surely worse than tolerated: " + "; ".join(worse)
    needed = rules.shadow_requests if step.stage == "shadow" else rules.min_requests
    missing = [] if seen.challenger.requests >= needed else [f"{seen.challenger.requests} of {needed} requests"]
    missing += [] if minutes >= rules.min_minutes else [f"{minutes:.1f} of {rules.min_minutes:g} minutes"]
    missing += [f"no proof yet of tolerable {one.question}" for one in findings if not one.proven]
    if not missing:
        return (
            "go",
            f"{seen.challenger.requests} requests in {minutes:.1f} minutes, and nothing is worse than tolerated",
        )
    if minutes > rules.max_hours * 60:
        return "stop", f"not decided within {rules.max_hours:g} hours: {'; '.join(missing)}"
    return "wait", "; ".join(missing)


def _findings(rules: RolloutRules, step: Step, seen: Observed) -> tuple[Finding, ...]:
    asked = [_errors(rules, seen), _latency(rules, seen)]
    if seen.pairs is not None or seen.champion.requests:
        asked += [_answers(rules, seen), _outcome(rules, seen)]
    bar = np.log(len(QUESTIONS) * len(steps(rules)) / rules.false_stop)
    proof = float(np.log(1 / rules.miss)) if needs_proof(rules, step) else None
    return tuple(
        one.model_copy(update={"harm_needed": float(bar), "safety_needed": proof if one.safety is not None else None})
        for one in asked
    )


def _errors(rules: RolloutRules, seen: Observed) -> Finding:
    """Against the champion's, on the same requests where both answered; without a champion against the promise."""
    first, second = rate(seen.champion.errors, seen.champion.requests), _rate(seen)
    told = f"{second.mean:.2%} of {second.size} requests failed"
    if seen.pairs is not None:
        harm, safety = _one_sided(_differences(seen.pairs), rules.worse_errors)
    elif seen.champion.requests:
        harm, safety = exceeds(first, second, rules.worse_errors), falls_short(first, second, rules.worse_errors)
        told += f", the champion {first.mean:.2%} of {first.size}; tolerated are {rules.worse_errors:.2%} more"
    else:
        harm, safety = _one_sided(second, rules.slo.error_rate)
        told += f"; promised are at most {rules.slo.error_rate:.2%}"
    return Finding(question="errors", told=told, harm=harm, harm_needed=0, safety=safety)


def _latency(rules: RolloutRules, seen: Observed) -> Finding:
    side = seen.challenger
    harm, safety = _one_sided(rate(side.slow, side.requests), SLOW)
    low, high = quantile.bounds(side.seconds * 1000, 1 - SLOW, rules.false_stop)
    told = f"99 of 100 within {low:.3g} to {high:.3g} ms, promised are {rules.slo.p99_ms:g}"
    if not np.isfinite(low + high):
        told = f"{side.slow} of {side.requests} took longer than the promised {rules.slo.p99_ms:g} ms"
    return Finding(question="latency", told=told, harm=harm, harm_needed=0, safety=safety)


def _answers(rules: RolloutRules, seen: Observed) -> Finding:
    sizes = (seen.champion.answers, seen.challenger.answers)
    apart_by = distance(seen.champion.below, seen.challenger.below, sizes)
    if not len(seen.challenger.below) or not all(sizes):
        harm = 0.0
    elif seen.pairs is not None:
        harm = apart_in_pairs(seen.pairs.moved_down, seen.pairs.moved_up, seen.pairs.answers, rules.other_answers)
    else:
        harm = apart(seen.champion.below, seen.challenger.below, sizes, rules.other_answers)
    told = f"answers are spread {apart_by:.3f} from the champion's, tolerated are {rules.other_answers:g}"
    return Finding(question="answers", told=told, harm=harm, harm_needed=0)


def _outcome(rules: RolloutRules, seen: Observed) -> Finding:
    """The loss of answers whose label came, to a thousandth."""
    if seen.pairs is not None:
        sample = of(np.round(seen.pairs.losses, 3), low=-1.0)
        harm, _ = _one_sided(sample, rules.worse_loss)
        told = f"its loss is {sample.mean:+.3f} from the champion's on {sample.size} labelled requests"
    else:
        first, second = (of(np.round(one.losses, 3)) for one in (seen.champion, seen.challenger))
        harm = exceeds(first, second, rules.worse_loss) if first.size and second.size else 0.0
        told = f"loss {second.mean:.3f} on {second.size} labels, the champion {first.mean:.3f} on {first.size}"
    return Finding(question="outcome", told=f"{told}; tolerated is {rules.worse_loss:g} more", harm=harm, harm_needed=0)


def _rate(seen: Observed) -> Sample:
    return rate(seen.challenger.errors, seen.challenger.requests)


def _differences(pairs: Pairs) -> Sample:
    """Per request: 1 where only the challenger failed, -1 where only the champion did."""
    same = pairs.requests - pairs.more_errors - pairs.fewer_errors
    return Sample(
        np.array([-1.0, 0.0, 1.0]), np.array([pairs.fewer_errors, same, pairs.more_errors], dtype=float), -1.0
    )


def _one_sided(sample: Sample, tolerated: float) -> tuple[float, float]:
    """The evidence that the mean is above what is tolerated, and that it is below."""
    claim = np.array([tolerated])
    return float(above(sample, claim)[0]), float(below(sample, claim)[0])
