"""The line of champions: which one served before, and which ones were sent away."""

from collections.abc import Iterable

from include.errors import NotFound
from include.ledger.ledger import Ledger
from include.ledger.records import Deployment


def previous(model: str, champion: Deployment, ledger: Ledger) -> str:
    """The version that served before the present champion was promoted; a rollback itself is stepped over.

    Example: promoted 1, 2, 3, rolled back to 2 -> the previous one is 1
    """
    versions = line(ledger.deployments(model))
    if len(versions) < 2:  # noqa: PLR2004
        raise NotFound(f"{model} v{champion.version} is the first champion: there is no earlier one to roll back to.")
    return versions[-2]


def line(deployments: Iterable[Deployment]) -> list[str]:
    """The versions one can go back through, the champion last: a rollback cuts off what came after its target."""
    versions: list[str] = []
    for one in deployments:
        if one.action == "roll_back" and one.version in versions:
            versions = versions[: versions.index(one.version) + 1]
        else:
            versions.append(one.version)
    return versions


def sent_away(model: str, ledger: Ledger) -> list[Deployment]:
    """The deployments of versions that a rollback replaced and that did not serve again since, oldest first."""
    served: dict[str, Deployment] = {}
    away: dict[str, Deployment] = {}
    for one in ledger.deployments(model):
        if one.action == "roll_back" and one.replaces in served:
            away[one.replaces] = served[one.replaces]
        away.pop(one.version, None)
        served[one.version] = one
    return list(away.values())
