"""Release: the challenger proves that it loads and answers as judged, then becomes champion by compare-and-set."""

import logging
from datetime import date

import numpy as np
import pyarrow as pa

from include.errors import BadData, Conflict, NotFound
from include.evaluation import evidence
from include.evaluation.evidence import Evidence
from include.features.matrix import feature_frame, target_vector
from include.lake.store import Store
from include.ledger import Decision, Deployment, Ledger
from include.registry import registry, runs
from include.registry.manifest import Manifest
from include.registry.registry import Version
from include.settings import settings
from include.spec import ModelSpec
from include.training.data import training_data
from include.training.fit import columns_of
from include.training.predictions import predict

log = logging.getLogger(__name__)
SMOKE_ROWS = 200


def smoke_test(spec: ModelSpec, number: str, store: Store, ledger: Ledger) -> int:
    """Loads the registered version and has it answer held-out rows again; gives how many it answered.

    Raises BadData where the file was changed or an answer differs from the evidence the gates decided on.
    """
    wanted = registry.version(spec.name, number)
    pipeline = registry.load(wanted)
    judged = evidence.load(spec.name, wanted.run_id, store)
    made = runs.manifest(wanted.run_id)
    held_out = training_data(spec, date.fromisoformat(made.as_of), ledger).held_out
    if held_out.id != made.held_out_snapshot:
        log.warning("Held-out partitions of %s v%s changed since it was judged", spec.name, number)
    table = held_out.read(store, columns_of(spec))
    known = ~np.isnan(target_vector(table, spec))
    rows = feature_frame(table.filter(pa.array(known)).slice(0, SMOKE_ROWS), spec)
    said = predict(spec, pipeline, rows)
    expected = judged.challenger[: len(said)]
    if not np.array_equal(said, expected):
        raise BadData(
            f"{spec.name} v{number} does not answer as it was judged: {int((said != expected).sum())} of {len(said)} "
            f"held-out predictions differ by up to {np.abs(said - expected).max():.3g}. Evidence: "
            f"{evidence.folder(spec.name, wanted.run_id)}. Do not release it; train again."
        )
    log.info("%s v%s loads and answers %d rows as judged", spec.name, number, len(said))
    return len(said)


def promote(spec: ModelSpec, number: str, actor: str, reason: str, store: Store, ledger: Ledger) -> Deployment:
    """Makes the version champion, if the champion is still the one it was judged against.

    Raises Conflict where somebody moved the champion meanwhile, NotFound where the version was never registered by
    its gates. Running it again after it succeeded changes nothing.
    """
    wanted = registry.version(spec.name, number)
    champion = ledger.champion(spec.name)
    if champion is None or champion.version != number:
        _check_registered(spec.name, number, ledger)
        _check_reproducible(spec.name, number, runs.manifest(wanted.run_id))
        judged = evidence.load(spec.name, wanted.run_id, store)
        _check_expected(spec.name, number, judged, champion)
        champion = ledger.record_deployment(
            spec.name, number, wanted.model_hash, expected=champion, action="promote", actor=actor, reason=reason
        )
    follow_champion(wanted)
    ledger.record_decision(
        Decision(
            model=spec.name, kind="promotion", subject=number, outcome="promoted", reason=reason, actor=actor,
            evidence=f"{evidence.folder(spec.name, wanted.run_id)}/evidence.json",
        ),
        once=True,
    )  # fmt: skip
    log.info("Champion of %s is now v%s (it was %s)", spec.name, number, champion.replaces or "none")
    return champion


def follow_champion(wanted: Version) -> None:
    """Makes the registry's aliases say what the ledger says."""
    registry.point(wanted.model, "champion", wanted.version)
    registry.unpoint(wanted.model, "challenger", wanted.version)


def _check_registered(model: str, number: str, ledger: Ledger) -> None:
    accepted = [one.subject for one in ledger.decisions(model, kind="registration") if one.outcome == "registered"]
    if number not in accepted:
        known = ", ".join(accepted) or "none"
        raise NotFound(
            f"{model} v{number} did not pass its gates, so it cannot be promoted. Versions that did: {known}."
        )


def _check_reproducible(model: str, number: str, made: Manifest) -> None:
    """In production nothing serves that cannot be traced to a commit."""
    if settings().environment == "production" and (made.commit == "unknown" or made.commit_dirty):
        state = "uncommitted changes on " if made.commit_dirty else ""
        raise BadData(
            f"{model} v{number} was made with {state}commit {made.commit}: it could not be made again, "
            "so production does not promote it. Commit, deploy and train again; or declare "
            "the environment PERENNIAL_ENVIRONMENT=development."
        )


def _check_expected(model: str, number: str, judged: Evidence, champion: Deployment | None) -> None:
    against, now = judged.summary.champion_version, champion.version if champion else None
    if against != now:
        raise Conflict(
            f"{model} v{number} was judged against {f'v{against}' if against else 'no champion'}, but the champion is "
            f"{f'v{now}' if now else 'none'}. It is not promoted: request a training, so that it is judged anew."
        )
