"""The comparisons a model has been through: each one spent some of its error budget, and some of its held-out days."""

import json

from include.ledger import Ledger
from include.spec.contract import Measured

GATE = "champion_comparison"


class Comparison(Measured):
    """One test of a challenger against its champion.

    `first_day` and `last_day` are the keys of the held-out days at either end; `alpha` is the chance it had to promote
    a challenger that is not what the policy asks for.
    """

    run_id: str
    as_of: str
    first_day: str
    last_day: str
    alpha: float


def earlier_comparisons(model: str, run_id: str, ledger: Ledger) -> tuple[Comparison, ...]:
    """The comparisons of other runs that were on record before this run had its first, oldest first.

    One a run, the newest: a run that is decided again spends nothing twice, and sees the same history as before. Runs
    without a champion, and those whose comparison could not be made, have spent nothing.
    """
    made: dict[str, Comparison] = {}
    for decision in ledger.decisions(model, kind="gate"):
        run, _, gate = decision.subject.partition("/")
        if gate != GATE:
            continue
        if run == run_id:
            break
        stated = json.loads(decision.detail).get("comparison")
        if stated is not None:
            made[run] = Comparison.model_validate(stated)
    return tuple(made.values())
