"""How often a canary is stopped without a reason, how often a bad one passes, and how soon it is seen. Simulated.

Each rollout is looked at after every so many requests of the challenger, as the trigger does. Beside our tests stands
the rule of the field: compare the two rates at 95 % at every look, and stop at the first difference. Nothing is timed;
everything is seeded: the same figures come out on every run.
"""

import argparse
from collections.abc import Callable
from statistics import median
from typing import NamedTuple

import numpy as np

from benchmarks.reporting import finish, progress, table
from include.release.rollout import steps
from include.release.sequential.betting import above, below, of, rate
from include.release.sequential.difference import exceeds, falls_short
from include.release.sequential.spread import apart
from include.release.verdict import QUESTIONS, SLOW
from include.spec import RolloutRules

RULES = RolloutRules()
STOP = float(np.log(len(QUESTIONS) * len(steps(RULES)) / RULES.false_stop))  # as the verdict asks for
PASS = float(np.log(1 / RULES.miss))
EDGES = np.linspace(0.1, 0.9, 9)
SEED = 20261121


class Evidence(NamedTuple):
    """What one look says: harm and safety as logarithms, and whether the rule of the field would stop."""

    harm: float
    safety: float
    field_stops: bool


class World(NamedTuple):
    """A challenger of known worth; `look` gives the evidence after so many of its requests."""

    question: str
    truth: str
    begin: Callable[[np.random.Generator, int, float], Callable[[int], Evidence]]


def main() -> None:
    """Simulates and prints the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rollout_verdicts")
    parser.add_argument("--rollouts", type=int, default=200, help="simulated rollouts of each kind")
    parser.add_argument("--looks", type=int, default=20)
    parser.add_argument("--requests", type=int, default=100, help="requests of the challenger between two looks")
    chosen = parser.parse_args()
    figures = {}
    for share in (0.05, 0.5):
        rows = []
        for world in worlds():
            progress(f"share {share:.0%}: {world.question}, {world.truth}")
            found = simulated(world, share, chosen.rollouts, chosen.looks, chosen.requests)
            figures[f"{share:g}/{world.question}/{world.truth}"] = found
            rows.append([f"{world.question}: {world.truth}", *("" if one is None else one for one in found.values())])
        most = chosen.looks * chosen.requests
        title = f"Share {share:.0%}, {chosen.rollouts} rollouts each, {chosen.looks} looks up to {most} requests"
        head = ("challenger", "stopped", "stopped after", "proven", "proven after", "stopped by 95 % at each look")
        table(title, head, rows)
    finish("rollout_verdicts", figures)


def simulated(world: World, share: float, rollouts: int, looks: int, requests: int) -> dict[str, float | None]:
    """Parts of the rollouts, and medians of the requests of those that ended so."""
    stopped: list[int] = []
    proven: list[int] = []
    naive = 0
    for number in range(rollouts):
        look = world.begin(np.random.default_rng([SEED, number]), looks * requests, share)
        sizes = [requests * (one + 1) for one in range(looks)]
        seen = [(size, look(size)) for size in sizes]
        stopped += [size for size, one in seen if one.harm >= STOP][:1]
        proven += [size for size, one in seen if one.safety >= PASS][:1]
        naive += any(one.field_stops for _, one in seen)
    return {
        "stopped": len(stopped) / rollouts,
        "stopped_after": median(stopped) if stopped else None,
        "proven": len(proven) / rollouts,
        "proven_after": median(proven) if proven else None,
        "naive": naive / rollouts,
    }


def worlds() -> list[World]:
    """Challengers that are as good, at the edge of what is tolerated, and worse."""
    return [
        World("errors", "as good (0.5 %)", errors(0.005)),
        World("errors", "at the edge (1.5 %)", errors(0.005 + RULES.worse_errors)),
        World("errors", "worse (3 %)", errors(0.03)),
        World("errors", "broken (20 %)", errors(0.2)),
        World("latency", "fast (0.2 % slow)", latency(0.002)),
        World("latency", "at the edge (1 % slow)", latency(SLOW)),
        World("latency", "slow (4 % slow)", latency(0.04)),
        World("answers", "as spread", answers(0.0)),
        World("answers", "at the edge (0.2)", answers(RULES.other_answers)),
        World("answers", "elsewhere (0.4)", answers(0.4)),
        World("outcome", "as good", outcome(0.0)),
        World("outcome", "at the edge (0.02)", outcome(RULES.worse_loss)),
        World("outcome", "worse (0.1)", outcome(0.1)),
    ]


def errors(part: float) -> Callable[..., Callable[[int], Evidence]]:
    """Failures of both, the champion's at 0.5 %."""

    def begin(random: np.random.Generator, most: int, share: float) -> Callable[[int], Evidence]:
        times = (1 - share) / share
        first, second = random.random(int(most * times) + 1) < 0.005, random.random(most) < part
        before, after = np.cumsum(first), np.cumsum(second)

        def look(size: int) -> Evidence:
            others = int(size * times)
            champion, challenger = rate(int(before[others - 1]), others), rate(int(after[size - 1]), size)
            tolerated = RULES.worse_errors
            spread = champion.mean * (1 - champion.mean) / others + challenger.mean * (1 - challenger.mean) / size
            stops = challenger.mean - champion.mean - 1.96 * spread**0.5 > 0
            return Evidence(
                exceeds(champion, challenger, tolerated), falls_short(champion, challenger, tolerated), stops
            )

        return look

    return begin


def latency(part: float) -> Callable[..., Callable[[int], Evidence]]:
    """Answers over the promised time."""

    def begin(random: np.random.Generator, most: int, _: float) -> Callable[[int], Evidence]:
        slow, claim = np.cumsum(random.random(most) < part), np.array([SLOW])

        def look(size: int) -> Evidence:
            sample = rate(int(slow[size - 1]), size)
            stops = sample.mean - 1.96 * (SLOW * (1 - SLOW) / size) ** 0.5 > SLOW
            return Evidence(float(above(sample, claim)[0]), float(below(sample, claim)[0]), stops)

        return look

    return begin


def answers(moved: float) -> Callable[..., Callable[[int], Evidence]]:
    """Answers between 0 and 1: a part of the challenger's, `moved`, is below 0.1."""

    def begin(random: np.random.Generator, most: int, share: float) -> Callable[[int], Evidence]:
        times = (1 - share) / share
        first, second = random.random(int(most * times) + 1), random.random(most)
        # a part of those above one half moves below it: the distance at the middle edge is `moved`
        second = np.where((second > 0.5) & (random.random(most) < 2 * moved), second - 0.5, second)

        def look(size: int) -> Evidence:
            others = int(size * times)
            counts = [(part[:, None] <= EDGES).sum(axis=0).astype(float) for part in (first[:others], second[:size])]
            gap = np.abs(counts[0] / others - counts[1] / size).max()
            stops = bool(gap > 1.36 * ((others + size) / (others * size)) ** 0.5)
            return Evidence(apart(counts[0], counts[1], (others, size), RULES.other_answers), 0.0, stops)

        return look

    return begin


def outcome(worse: float) -> Callable[..., Callable[[int], Evidence]]:
    """Losses between 0 and 1 with a mean of 0.2 for the champion."""

    def begin(random: np.random.Generator, most: int, share: float) -> Callable[[int], Evidence]:
        times, mean = (1 - share) / share, 0.2 + worse
        first = np.round(random.beta(1, 4, int(most * times) + 1), 2)
        second = np.round(random.beta(5 * mean, 5 * (1 - mean), most), 2)

        def look(size: int) -> Evidence:
            one, other = first[: int(size * times)], second[:size]
            error = (one.var() / len(one) + other.var() / len(other)) ** 0.5
            stops = bool(other.mean() - one.mean() > 1.96 * error)
            return Evidence(exceeds(of(one), of(other), RULES.worse_loss), 0.0, stops)

        return look

    return begin


if __name__ == "__main__":
    main()
