"""The manifest: what a model was made of, enough to make it again."""

import hashlib

from pydantic import JsonValue

from include.settings import REPOSITORY
from include.spec import ModelSpec
from include.spec.contract import Frozen

LOCK = REPOSITORY / "requirements.txt"


class Manifest(Frozen):
    """(code, data, parameters) -> model. Hashes are SHA-256 in hex."""

    model: str
    run_id: str
    as_of: str
    reason: str
    commit: str
    commit_dirty: bool
    lock_hash: str
    spec_hash: str
    training_window: str
    held_out_window: str
    training_snapshot: str
    held_out_snapshot: str
    training_rows: int
    unlabelled_rows: int
    parameters: dict[str, JsonValue]
    seed: int
    model_uri: str = ""
    model_hash: str = ""

    def lineage(self) -> dict[str, str]:
        """The facts people search runs by."""
        names = ("as_of", "reason", "commit", "lock_hash", "spec_hash", "training_snapshot", "held_out_snapshot")
        return {**{name: str(getattr(self, name)) for name in names}, "model_hash": self.model_hash}


def lock_hash() -> str:
    """The hash of the library lock."""
    return hashlib.sha256(LOCK.read_bytes()).hexdigest()


def spec_hash(spec: ModelSpec) -> str:
    """The hash of everything the owner declared, contract included."""
    return hashlib.sha256(spec.model_dump_json().encode()).hexdigest()
