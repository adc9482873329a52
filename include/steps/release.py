"""The steps of release and rollback."""

from include.card.rulings import rulings
from include.incident import bundle
from include.incident import roll_back as incident
from include.lake import layout
from include.ledger import Decision
from include.registry import registry
from include.release import promotion, release, rolling
from include.release.approval_text import approval_text
from include.release.rollout import By
from include.settings import settings
from include.spec import load_model
from include.steps.place import lake, ledger, moment
from include.steps.step import Result


def smoke_test(model: str, version: str) -> Result:
    """Loads the version and has it answer held-out rows as the gates saw them."""
    spec, wanted, book = load_model(model), registry.version(model, version), ledger()
    rows = release.smoke_test(spec, version, lake())
    overridden = ", ".join(one.gate for one in rulings(spec, wanted.run_id, book) if one.override)
    return Result(
        sentence=f"{model} v{version} loads and answers {rows} held-out rows as it was judged",
        facts={"version": version, "summary": approval_text(wanted, lake()), "overridden": overridden},
        evidence=layout.card(model, wanted.run_id),
    )


def promote(model: str, version: str, reason: str, actor: str, approval: str) -> Result:
    """Makes the version champion by compare-and-set."""
    spec = load_model(model)
    given = promotion.approved_by(approval)
    made = promotion.promote(spec, version, actor, reason, given, lake(), ledger())
    before = f"v{made.replaces}" if made.replaces else "none"
    return Result(
        sentence=f"{model} v{version} is champion (before: {before}), promoted by {made.actor}: {made.reason}",
        facts={"version": version, "replaces": made.replaces},
        evidence=layout.card(model, made.run_id),
    )


def reject(model: str, version: str, reason: str, actor: str) -> Result:
    """Records that the version was not approved. It stays registered; the champion stays."""
    spec, book = load_model(model), ledger()
    book.record_decision(
        Decision(model=model, kind="rejection", subject=version, outcome="rejected", reason=reason, actor=actor),
        once=True,
    )
    if spec.release.rollout:
        rolling.stop(spec, version, By(actor, reason), book)
    return Result(sentence=f"{model} v{version} rejected by {actor}: {reason}", facts={"version": version})


def roll_back(model: str, to: str | None, reason: str, actor: str, since: str | None = None) -> Result:
    """Restores a former champion."""
    spec, asked = load_model(model), moment(since) if since else None
    champion = incident.roll_back(spec, to, By(actor, reason), ledger(), since=asked)
    followed = incident.last_followed(model, ledger())
    told = f"; {followed.sentence}" if followed else ""
    return Result(
        sentence=f"{model}: v{champion.version} is champion again (before: v{champion.replaces}), by {actor}: {reason}"
        + told,
        facts={
            "version": champion.version,
            "replaces": champion.replaces,
            "last_replica_seconds": followed.last if followed else None,
        },
    )


def tell_incident(model: str) -> Result:
    """The bundle of the newest rollback."""
    place = bundle.write(load_model(model), lake(), ledger(), settings().serving_home)
    return Result(sentence=f"{model}: what the rollback was about is at {place}", evidence=place)
