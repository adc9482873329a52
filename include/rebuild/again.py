"""The half of a rebuild that the code of the model's own commit does: compare the inputs, fit, answer."""

from pathlib import Path

import numpy as np

from include.lake.store import Store
from include.rebuild.comparison import Rebuilt, stops
from include.rebuild.inputs import compared_inputs, compared_surroundings
from include.registry.content import content_of
from include.registry.manifest import Manifest, Snapshots, predictions_hash, read_manifest
from include.registry.surroundings import surroundings
from include.spec import load_model
from include.training.learn import answers, learn
from include.training.rows import read_labelled

MANIFEST, SNAPSHOTS, REBUILT, PREDICTIONS = "manifest.json", "snapshots.json", "rebuilt.json", "predictions.npy"


def answer(folder: Path, fit: bool, store: Store) -> None:
    """Reads `manifest.json` and `snapshots.json` from the folder and writes `rebuilt.json` there.

    With `fit`, and where no binding input differs, the model is made again and its answers to the held-out rows are
    written to `predictions.npy`. It needs the lake alone: no ledger, no MLflow.
    """
    made = read_manifest(folder.joinpath(MANIFEST).read_text(encoding="utf-8"), "the version to rebuild")
    snapshots = Snapshots.model_validate_json(folder.joinpath(SNAPSHOTS).read_bytes())
    found = _rebuilt(made, snapshots, store, folder, fit)
    folder.joinpath(REBUILT).write_text(found.model_dump_json(indent=2), encoding="utf-8")


def _rebuilt(made: Manifest, snapshots: Snapshots, store: Store, folder: Path, fit: bool) -> Rebuilt:
    spec = load_model(made.model)
    inputs = compared_inputs(made, snapshots, spec, store)
    if not fit or stops(inputs):
        return Rebuilt(inputs=(*inputs, *compared_surroundings(made.surroundings, surroundings())))
    pipeline = learn(spec, made.parameters, read_labelled(spec, snapshots.training, store))
    said = answers(spec, pipeline, read_labelled(spec, snapshots.held_out, store))
    np.save(folder / PREDICTIONS, said, allow_pickle=False)
    return Rebuilt(
        inputs=(*inputs, *compared_surroundings(made.surroundings, surroundings())),
        predictions_hash=predictions_hash(said),
        content_hash=content_of(pipeline),
        rows=len(said),
    )
