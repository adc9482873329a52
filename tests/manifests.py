"""A manifest as a fit leaves it, for the model `trip_late`."""

from typing import Any

from include.registry.manifest import Manifest

HASHES = (
    "lock_hash", "spec_hash", "contract_hash", "features_hash", "pipeline_hash", "training_snapshot",
    "held_out_snapshot", "predictions_hash",
)  # fmt: skip
STATED: dict[str, Any] = {
    "model": "trip_late", "run_id": "r1", "as_of": "2013-01-09", "reason": "by hand", "commit": "abc",
    "commit_dirty": False, "task": "binary", "target": {"column": "late", "above": 15},
    "features": {"numeric": ["bus"], "categorical": ["line"]}, "training_window": "a to b", "held_out_window": "c to d",
    "training_rows": 9, "unlabelled_rows": 1, "held_out_rows": 4, "parameters": {"C": 0.5, "deep": [1, None]},
    "seed": 7,
    "surroundings": {
        "python": "CPython 3.11.7", "system": "Linux x86_64 glibc 2.36", "libraries": {"numpy": "2.4.1"},
        "blas": "openblas 0.3.30 SkylakeX", "threads": 2,
    },
}  # fmt: skip


def manifest(**changes: Any) -> Manifest:
    """A manifest whose hashes differ from each other; a change replaces a fact."""
    hashes = {name: f"{place:x}" * 64 for place, name in enumerate(HASHES, start=1)}
    return Manifest.model_validate({**STATED, **hashes, **changes})
