"""What the ledger says of one model or dataset, as plain text."""

from include.errors import NotFound
from include.ledger import Ledger, Rollout
from include.spec import load_models


def status(name: str) -> str:
    """Champion, deployments and newest decisions of a model, or the partitions of a dataset and its quarantine."""
    declared, book = load_models(), Ledger.open()
    if name in declared.models:
        return _model(name, book)
    if name in declared.contracts:
        return _dataset(name, book)
    known = ", ".join([*declared.models, *declared.contracts]) or "none"
    raise NotFound(f"No model or dataset '{name}'. There are: {known}.")


def _model(name: str, book: Ledger) -> str:
    champion = book.champion(name)
    lines = [f"{name}: champion v{champion.version}" if champion else f"{name}: no champion yet"]
    lines += [
        f"  {one.recorded_at:%Y-%m-%d %H:%M} {one.action} v{one.version} (before: {one.replaces or 'none'}) "
        f"by {one.actor}: {one.reason}"
        for one in book.deployments(name)
    ]
    lines += [f"rollout: {_rollout(one)}" for one in book.rollouts(name)[-1:]]
    lines.append("newest decisions:")
    lines += [
        f"  {one.recorded_at:%Y-%m-%d %H:%M} {one.kind} {one.subject}: {one.outcome}: {one.reason}"
        for one in book.decisions(name)[-15:]
    ]
    return "\n".join(lines)


def _rollout(state: Rollout) -> str:
    share = f" {state.share:.0%}" if state.share else ""
    glass = f", the service answers {state.answer}" if state.answer is not None else ""
    return (
        f"v{state.version or '-'} {state.stage}{share}{', held' if state.held else ''}{glass} since "
        f"{state.recorded_at:%Y-%m-%d %H:%M} by {state.actor}: {state.reason}"
    )


def _dataset(name: str, book: Ledger) -> str:
    newest = {one.key: one for one in book.partitions(name)}
    admitted = book.admitted(name)
    span = f", {admitted[0].key} to {admitted[-1].key}" if admitted else ""
    lines = [f"{name}: {len(admitted)} partitions admitted{span}"]
    kept_out = [one for _, one in sorted(newest.items()) if one.status == "quarantined"]
    lines += [f"  {one.key} {one.status}: {one.reason}" for one in kept_out]
    return "\n".join(lines)
