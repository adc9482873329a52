"""The manifest: what a model was made of, enough to make it again."""

import hashlib
import json
from pathlib import Path
from typing import Final, Literal

import numpy as np
from pydantic import JsonValue, ValidationError

from include.errors import BadData
from include.features.matrix import Floats
from include.lake.snapshot import Snapshot
from include.registry.surroundings import Surroundings
from include.settings import REPOSITORY, settings
from include.spec import Features, ModelSpec, Target, WindowFeature
from include.spec.contract import Frozen
from include.spec.metrics import Metric, Task
from include.spec.training import Recalibrate

FORM: Final = 1  # raised when a reader of today's manifests could not read tomorrow's
SHOWN = 5  # problems that a message names
LOCK = REPOSITORY / "requirements.txt"


class SearchOutcome(Frozen):
    """What a search tried and what came of it. `best` and `declared` are means of the metric over the folds.

    `declared` is the first trial, with the parameters of model.yaml where it has them; None where it failed.
    """

    metric: Metric
    folds: tuple[str, ...]
    complete: int
    pruned: int
    failed: int
    best: float
    declared: float | None
    stopped_by: Literal["trials", "minutes"]
    seconds: float


class Manifest(Frozen):
    """(code, data, parameters) -> model. Hashes are SHA-256 in hex.

    `parameters` are what the pipeline was built with; `found` are those among them that a search found. `model_hash`
    is that of the stored file, which no other save has; `content_hash` that of what was learnt, which is the same
    whenever the same is learnt. `predictions_hash` covers the held-out rows with a known label.
    """

    form: Literal[1] = FORM
    model: str
    run_id: str
    as_of: str
    reason: str
    commit: str
    commit_dirty: bool
    lock_hash: str
    spec_hash: str
    contract_hash: str
    features_hash: str
    pipeline_hash: str
    task: Task
    target: Target
    features: Features
    windows: dict[str, WindowFeature] = {}
    training_window: str
    held_out_window: str
    training_snapshot: str
    held_out_snapshot: str
    training_rows: int
    unlabelled_rows: int
    held_out_rows: int
    parameters: dict[str, JsonValue]
    found: dict[str, JsonValue] = {}
    search: SearchOutcome | None = None
    seed: int
    recalibrate: Recalibrate = "none"
    recalibrate_share: float | None = None
    surroundings: Surroundings
    predictions_hash: str
    model_uri: str = ""
    model_hash: str = ""
    content_hash: str = ""

    def lineage(self) -> dict[str, str]:
        """The facts people search runs by."""
        names = (
            "as_of", "reason", "commit", "lock_hash", "spec_hash", "contract_hash", "features_hash", "pipeline_hash",
            "training_snapshot", "held_out_snapshot", "model_hash", "content_hash", "predictions_hash",
        )  # fmt: skip
        return {name: str(getattr(self, name)) for name in names}


class Snapshots(Frozen):
    """Which version of which partition the model was fitted on and judged on, by name and content hash."""

    training: Snapshot
    held_out: Snapshot


def read_manifest(text: str, name: str) -> Manifest:
    """The manifest in its JSON. BadData where it has another form than this code reads; `name` says whose it is."""
    try:
        return Manifest.model_validate_json(text)
    except ValidationError as problem:
        wrong = ", ".join(".".join(map(str, one["loc"])) or one["msg"] for one in problem.errors()[:SHOWN])
        raise BadData(
            f"The manifest of {name} cannot be read by this code, which knows form {FORM} ({wrong}). "
            "Read it with the code of its commit, or train again."
        ) from problem


def lock_hash(lock: Path = LOCK) -> str:
    """The hash of the library lock."""
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def spec_hash(spec: ModelSpec) -> str:
    """The hash of everything the owner declared, contract included."""
    return _hash(spec.model_dump_json())


def contract_hash(spec: ModelSpec) -> str:
    """The hash of what the data had to satisfy."""
    return _hash(spec.contract.model_dump_json())


def features_hash(spec: ModelSpec) -> str:
    """The hash of what the model is asked and from which columns, and of what its window features mean."""
    return _hash(spec.model_dump_json(include={"task", "target", "features", "windows"}))


def pipeline_hash(spec: ModelSpec) -> str:
    """The hash of all files in the model's folder that are not read as a declaration, names included."""
    folder = settings().models_dir / spec.name
    inside = [path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.is_file()]
    files = [path for path in inside if not _is_no_code(path)]
    return _hash(
        json.dumps([[path.as_posix(), hashlib.sha256((folder / path).read_bytes()).hexdigest()] for path in files])
    )


def predictions_hash(said: Floats) -> str:
    """The hash of predictions as numbers of 64 bits, their shape included: equal only bit for bit."""
    whole = hashlib.sha256(json.dumps(said.shape).encode())
    whole.update(np.ascontiguousarray(said, dtype="<f8").tobytes())
    return whole.hexdigest()


def _is_no_code(path: Path) -> bool:
    return str(path) in {"model.yaml", "contract.yaml"} or any(
        part[0] == "." or part == "__pycache__" for part in path.parts
    )


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
