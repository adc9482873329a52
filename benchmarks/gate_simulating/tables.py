"""The figures as tables. Rates are in percent."""

import math
from collections.abc import Mapping
from typing import Any

from benchmarks.reporting import table

METHODS = {"gate": "gate", "weeks": "gate, weeks", "percentile": "plain percentile", "rows": "row by row"}


def show(figures: dict[str, Any]) -> None:
    """Prints every table."""
    _bounds(figures["bounds"])
    for correlation, rates in figures["promotes"].items():
        _promotes(correlation, rates)
    _power(figures["power"])
    _years(figures["year"])
    _tuned(figures["tuned"])


def precision(windows: Mapping[str, int]) -> None:
    """Prints of how many windows each rate is, and how far it may be off by chance."""
    rows = [
        (what, count, *(f"{200 * math.sqrt(rate * (1 - rate) / count):.1f}" for rate in (0.05, 0.5)))
        for what, count in windows.items()
    ]
    head = ("rates of", "windows", "off by, at 5 %", "at 50 %")
    table("How sure the rates are: two standard errors of the simulation, in points", head, rows)


def _bounds(bounds: dict[str, Any]) -> None:
    rows = [
        [f"{name}, {days} days", *(_both(found.get(method)) for method in METHODS)]
        for name, by_days in bounds.items()
        for days, found in by_days.items()
    ]
    head = ["what, correlation of days", *METHODS.values()]
    table("Windows whose bound is on the wrong side of the truth, lower / upper, %, claimed 5 / 5", head, rows)


def _both(found: dict[str, float] | None) -> str:
    return "-" if found is None else f"{100 * found['lower']:.1f} / {100 * found['upper']:.1f}"


def _promotes(correlation: str, rates: dict[str, dict[str, float]]) -> None:
    first = next(iter(rates.values()))
    rows = [[rule, *(_percent(found[rule]) for found in rates.values())] for rule in first]
    title = f"Challengers promoted, %, by their true improvement in AUC; 14 days, correlation {correlation}"
    table(title, ["rule", *(f"{float(improvement):+g}" for improvement in rates)], rows)


def _power(power: dict[str, Any]) -> None:
    rows = [
        [f"{rows} rows a day, {days} days", *(_percent(rate) for rate in by_gain.values())]
        for rows, by_days in power.items()
        for days, by_gain in sorted(by_days.items(), key=lambda one: int(one[0]))
    ]
    gains = next(iter(next(iter(power.values())).values()))
    head = ["window", *(f"{float(gain) - 0.01:+.3f}" for gain in gains)]
    table("Found not inferior with margin 0.01, %, by the true improvement in AUC", head, rows)


def _years(years: dict[str, dict[str, float]]) -> None:
    rows = [
        [
            name,
            int(found["years"]),
            f"{found['comparisons']:.1f}",
            f"{found['refused']:.1f}",
            f"{found['false_promotions']:.1f} ± {found['false_promotions_sure_to']:.1f}",
            f"{found['false_promotions_by_score']:.1f}",
            f"{found['smallest_alpha']:.3f}",
        ]
        for name, found in years.items()
    ]
    head = ["a year", "of years", "compared", "refused", "falsely promoted", "by score alone", "smallest alpha"]
    table("A year of challengers none of which is better; the budget is 3 false promotions", head, rows)


def _tuned(tuned: dict[str, dict[str, float]]) -> None:
    rows = [[name.replace("_", " "), *(_percent(rate) for rate in found.values())] for name, found in tuned.items()]
    head = ["rule", *(f"{number} tried" for number in next(iter(tuned.values())))]
    table("One of many challengers that are no better passes on the same 14 days, %", head, rows)


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"
