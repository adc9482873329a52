"""The steps of release and rollback."""

from include.incident import roll_back as incident
from include.ledger import Decision
from include.release import release
from include.release.approval_text import approval_text
from include.spec import load_model
from include.steps.place import lake, ledger
from include.steps.step import Result


def smoke_test(model: str, version: str) -> Result:
    """Loads the version and has it answer held-out rows as the gates saw them."""
    rows = release.smoke_test(load_model(model), version, lake(), ledger())
    return Result(
        sentence=f"{model} v{version} loads and answers {rows} held-out rows as it was judged",
        facts={"version": version, "summary": approval_text(model, version, lake(), ledger())},
    )


def promote(model: str, version: str, reason: str, actor: str) -> Result:
    """Makes the version champion by compare-and-set."""
    champion = release.promote(load_model(model), version, actor, reason, lake(), ledger())
    before = f"v{champion.replaces}" if champion.replaces else "none"
    return Result(
        sentence=f"{model} v{version} is champion (before: {before}), promoted by {actor}: {reason}",
        facts={"version": version, "replaces": champion.replaces},
    )


def reject(model: str, version: str, reason: str, actor: str) -> Result:
    """Records that the version was not approved. It stays registered; the champion stays."""
    load_model(model)
    ledger().record_decision(
        Decision(model=model, kind="rejection", subject=version, outcome="rejected", reason=reason, actor=actor),
        once=True,
    )
    return Result(sentence=f"{model} v{version} rejected by {actor}: {reason}", facts={"version": version})


def roll_back(model: str, to: str | None, reason: str, actor: str) -> Result:
    """Restores a former champion."""
    champion = incident.roll_back(load_model(model), to, actor, reason, ledger())
    return Result(
        sentence=f"{model}: v{champion.version} is champion again (before: v{champion.replaces}), by {actor}: {reason}",
        facts={"version": champion.version, "replaces": champion.replaces},
    )
