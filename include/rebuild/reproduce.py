"""Reproduce: whether a registered version can be made again, bit for bit, by the code it was made with."""

import logging
import tempfile
from pathlib import Path

import numpy as np

from include.errors import BadData
from include.evaluation import evidence
from include.features.matrix import Floats
from include.lake.store import Store
from include.ledger import Decision, Ledger
from include.rebuild.again import PREDICTIONS
from include.rebuild.checkout import checkout
from include.rebuild.comparison import Compared, Rebuilt, Reproduction, stops
from include.rebuild.elsewhere import Order, rebuild_elsewhere
from include.rebuild.libraries import other_libraries
from include.registry import registry, runs
from include.registry.manifest import LOCK, Manifest, predictions_hash, read_manifest
from include.registry.registry import Version
from include.settings import REPOSITORY, commit

log = logging.getLogger(__name__)


def reproduce(
    model: str, number: str, actor: str, store: Store, ledger: Ledger, repository: Path = REPOSITORY
) -> Reproduction:
    """Makes the version again in a clean checkout of its commit, and compares what comes out; the ledger keeps it.

    Raises BadData where a result or an input differs, with a report that names it, or where the commit was dirty or
    unknown; NotFound where version, evidence or commit is not there.
    """
    wanted = registry.version(model, number)
    judged = evidence.load(model, wanted.run_id, store).challenger
    text, made, stored = _manifest(wanted, ledger)
    _require_commit(made, number)
    with (
        checkout(made.commit, repository, commit()) as code,
        tempfile.TemporaryDirectory(prefix="perennial-rebuild-") as folder,
    ):
        before = (*stored, *other_libraries(code / LOCK.name))
        order = Order(text, runs.snapshots_text(wanted.run_id), made.surroundings.threads, fit=not stops(before))
        rebuilt = rebuild_elsewhere(order, code, repository, Path(folder), store)
        remark = _remark(Path(folder, PREDICTIONS), judged)
    found = Reproduction(
        model=model, version=number, run_id=wanted.run_id, commit=made.commit, inputs=(*before, *rebuilt.inputs),
        results=_results(made, judged, rebuilt), rows=rebuilt.rows, remark=remark,
    )  # fmt: skip
    _record(found, actor, ledger)
    if found.outcome != "equal":
        raise BadData(found.report)
    return found


def _manifest(wanted: Version, ledger: Ledger) -> tuple[str, Manifest, tuple[Compared, ...]]:
    """The ledger's manifest, which nobody can change, as text and value; and where MLflow's says something else."""
    name, text = f"{wanted.model} v{wanted.version}", runs.manifest_text(wanted.run_id)
    stored = read_manifest(text, name)
    records = ledger.decisions(wanted.model, kind="fit", subject=wanted.run_id)
    if not records:
        return (
            text,
            stored,
            (Compared(name="manifest", recorded="not in the ledger", found="in MLflow", binding=False),),
        )
    kept = read_manifest(records[-1].detail, f"{name} in the ledger")
    facts = [(fact, str(getattr(kept, fact)), str(getattr(stored, fact))) for fact in Manifest.model_fields]
    changed = [Compared(name=f"manifest.{fact}", recorded=was, found=now) for fact, was, now in facts if was != now]
    return records[-1].detail, kept, tuple(changed)


def _require_commit(made: Manifest, number: str) -> None:
    if made.commit == "unknown" or made.commit_dirty:
        how = f"with uncommitted changes on {made.commit}" if made.commit_dirty else "by code whose commit is unknown"
        raise BadData(
            f"{made.model} v{number} was made {how}, so no code can make it again. Commit (build an image with "
            "PERENNIAL_COMMIT, as make compose-up does) and train again: that version can be reproduced."
        )


def _results(made: Manifest, judged: Floats, rebuilt: Rebuilt) -> tuple[Compared, ...]:
    """What was recorded of the model against what came out; nothing where it was not made again."""
    if not rebuilt.predictions_hash:
        return ()
    return (
        Compared(name="held-out predictions", recorded=made.predictions_hash, found=rebuilt.predictions_hash),
        Compared(name="stored evidence", recorded=predictions_hash(judged), found=rebuilt.predictions_hash),
        Compared(name="model", recorded=made.content_hash, found=rebuilt.content_hash),
    )


def _remark(file: Path, judged: Floats) -> str:
    """By how much the answers differ from the evidence; empty where they do not, or there are none."""
    said = np.load(file, allow_pickle=False) if file.exists() else judged
    if said.shape != judged.shape:
        return f"; {len(said)} held-out rows, {len(judged)} in the evidence"
    others = int((said.view(np.int64) != np.ascontiguousarray(judged).view(np.int64)).sum())
    return f"; {others} of {said.size} predictions differ by up to {np.abs(said - judged).max():.3g}" if others else ""


def _record(found: Reproduction, actor: str, ledger: Ledger) -> None:
    ledger.record_decision(
        Decision(
            model=found.model, kind="reproduction", subject=found.version, outcome=found.outcome, reason=found.sentence,
            actor=actor, detail=found.model_dump_json(),
        )
    )  # fmt: skip
    log.info("%s", found.sentence)
