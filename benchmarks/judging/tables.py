"""The tables of the study, and its figures."""

from collections.abc import Mapping
from dataclasses import asdict

from benchmarks.judging.realised import MEASURED, Outcome, Realised
from benchmarks.reporting import table
from include.replay.outcome import CONFIDENCE

Outcomes = Mapping[str, Outcome]
TITLES = {
    "auc_pooled": "AUC of all rows",
    "auc_by_day": "AUC, mean of days",
    "brier_pooled": "Brier of all rows",
    "brier_by_day": "Brier, mean of days",
}
assert TITLES.keys() == MEASURED.keys()
BY = f"bounds at {CONFIDENCE:.0%} each, weeks resampled; positive is better"


def judgements(outcomes: Outcomes) -> None:
    """What each policy decided, and what became of it within a fortnight."""
    head = ("policy", "promoted", "refused", "inconclusive", "promoted, then worse", "for certain",
            "kept out, then better", "for certain", "champion's age, weeks")  # fmt: skip
    rows = [(name, *one.career.counts().values(), f"{one.career.mean_age_weeks:.1f}") for name, one in outcomes.items()]
    table("Judgements, and by AUC what the fortnight after them showed", head, rows)


def worth(outcomes: Outcomes) -> None:
    """What the champions of each policy were worth, and by how much that is more than promoting always."""
    rows = [(name, *(f"{one.realised[key].value:.4f}" for key in TITLES)) for name, one in outcomes.items()]
    table("Realised on the days they served", ("policy", *TITLES.values()), rows)
    better = [(name, *(_better(one.realised[key]) for key in TITLES)) for name, one in outcomes.items()]
    table(f"Better than promoting always by, in 1e-4; {BY}", ("policy", *TITLES.values()), better[1:])


def accidents(outcomes: Outcomes) -> None:
    """The same, in short, of the year with accidents."""
    head = ("policy", "spoiled promoted", "weeks served by them", *TITLES.values())
    rows = [
        (
            name,
            f"{spoiled['spoiled_promoted']} of {spoiled['spoiled_offered']}",
            spoiled["spoiled_weeks"],
            *(_better(one.realised[key]) for key in TITLES),
        )
        for name, one in outcomes.items()
        for spoiled in [one.career.spoiled()]
    ]
    table(f"With accidents: better than promoting always by, in 1e-4; {BY}", head, rows)


def figures(outcomes: Outcomes) -> dict[str, object]:
    """All of it by policy."""
    return {
        name: {
            **one.career.counts(),
            **one.career.spoiled(),
            "mean_age_weeks": round(one.career.mean_age_weeks, 2),
            "realised": {key: _rounded(found) for key, found in one.realised.items()},
        }
        for name, one in outcomes.items()
    }


def _better(one: Realised) -> str:
    if one.lower == one.upper:
        return f"{one.better_by * 1e4:.0f}"
    return f"{one.better_by * 1e4:+.0f} ({one.lower * 1e4:+.0f} to {one.upper * 1e4:+.0f})"


def _rounded(one: Realised) -> dict[str, float]:
    return {key: round(value, 5) for key, value in asdict(one).items()}
