"""After a rollback the loop must not bring back what was rolled back."""

from pydantic import JsonValue

from include.ledger import Ledger
from include.ledger.champions import sent_away
from include.registry.manifest import Manifest


def repeats(made: Manifest, ledger: Ledger) -> str:
    """Why a challenger is what a rollback sent away, in words; empty where it is something else.

    It is the same where the same was learnt (`content_hash`), or where the same code with the same parameters learnt
    from the same snapshot: only chance could tell them apart.
    """
    away = {one.model_hash: one for one in sent_away(made.model, ledger)}
    if not away:
        return ""
    fits = [Manifest.model_validate_json(one.detail) for one in ledger.decisions(made.model, kind="fit")]
    for before in fits:
        if before.model_hash not in away:
            continue
        version = away[before.model_hash].version
        if made.content_hash and before.content_hash == made.content_hash:
            return _words(version, "it learnt the same")
        if _recipe(before) == _recipe(made):
            return _words(version, f"the same pipeline learnt from the same snapshot {made.training_snapshot[:12]}")
    return ""


def _recipe(made: Manifest) -> tuple[str, str, str, dict[str, JsonValue]]:
    declared = {name: value for name, value in made.parameters.items() if name not in made.found}
    return made.training_snapshot, made.pipeline_hash, made.features_hash, declared


def _words(version: str, same: str) -> str:
    return (
        f"it is what v{version} was, which was rolled back: {same}. Train on other data or change the pipeline; "
        f"to have v{version} itself serve again, roll back to it by name"
    )
