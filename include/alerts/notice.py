"""What somebody may have to know: the state of one cause of worry, kept in the ledger whenever it changes."""

from typing import Literal

from include.drift import TIERS, Tier
from include.ledger import Decision, Ledger
from include.spec.frozen import Frozen

ALERTS = "alerts"  # who decides here, for the record


class Notice(Frozen):
    """How one cause of worry stands: `tier` ok means that it is over, or never was.

    `pages` are places to look at by title: paths of Airflow's server or whole addresses. `runbook` is a heading of
    docs/operating.md as its anchor.
    """

    of: Literal["model", "dataset"]
    about: str
    cause: str
    tier: Tier
    sentence: str
    runbook: str
    pages: dict[str, str] = {}


def tell(notice: Notice, ledger: Ledger) -> bool:
    """Puts the notice on record if its tier is another than that of the last one on its cause; whether it was.

    A day of drift after a day of drift is no news, whatever the sentence says. Of two that tell the same at once, one
    is news.
    """
    while (newest := _newest(notice, ledger)) is None or newest.outcome != notice.tier:
        if newest is None and notice.tier == "ok":
            return False
        if ledger.record_next(_decision(notice), newest):
            return True
    return False


def standing(of: str, about: str, ledger: Ledger) -> list[Notice]:
    """How every cause of worry that there ever was about a model or dataset stands."""
    newest = {one.subject: one for one in ledger.decisions(about, kind="alert")}
    notices = [Notice.model_validate_json(one.detail) for one in newest.values()]
    return [one for one in notices if one.of == of]


def is_loud(tier: Tier, from_tier: Tier = "alert") -> bool:
    """Whether a tier is at or above another."""
    return TIERS.index(tier) >= TIERS.index(from_tier)


def _newest(notice: Notice, ledger: Ledger) -> Decision | None:
    return next(reversed(ledger.decisions(notice.about, kind="alert", subject=notice.cause)), None)


def _decision(notice: Notice) -> Decision:
    return Decision(
        model=notice.about, kind="alert", subject=notice.cause, outcome=notice.tier, reason=notice.sentence,
        actor=ALERTS, detail=notice.model_dump_json(),
    )  # fmt: skip
