"""The service in each of its modes: what a durable log, a shadow, a canary and keys cost."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml
from pydantic import TypeAdapter

from benchmarks.answering.made import MODEL
from benchmarks.answering.sides import Side, ours
from include.ledger import Ledger, Rollout
from include.registry import registry
from include.serving.keys import Key, made
from include.settings import settings


@dataclass(frozen=True)
class Mode:
    """One way to run the service; what is not said is as usual."""

    name: str
    log: Literal["written", "synced", "queued"] = "written"
    stage: Literal["none", "shadow", "canary"] = "none"
    keys: bool = False


MODES = (
    Mode("log written"), Mode("log synced", log="synced"), Mode("log queued", log="queued"),
    Mode("shadow", stage="shadow"), Mode("canary of a half", stage="canary"), Mode("keys", keys=True),
)  # fmt: skip


@contextmanager
def running(home: Path, mode: Mode) -> Iterator[list[Side]]:
    """The service in this mode until the block ends."""
    name = mode.name.replace(" ", "_")
    folder = home / name
    shutil.copytree(settings().models_dir, folder / "models")
    _declare_log(folder / "models" / MODEL / "model.yaml", mode.log)
    environ = {"PERENNIAL_MODELS": str(folder / "models"), "PERENNIAL_SERVING_HOME": str(folder / "serving")}
    shown, key = made("benchmark", ["*"])
    if mode.keys:
        (folder / "keys.json").write_bytes(TypeAdapter(tuple[Key, ...]).dump_json((key,)))
        environ["PERENNIAL_SERVING_KEYS"] = str(folder / "keys.json")
    _roll_out(mode.stage)
    with ours(home, name, shown, **environ) as found:
        yield found


def _declare_log(file: Path, log: str) -> None:
    declared = yaml.safe_load(file.read_text())
    declared["serving"] = {**declared.get("serving", {}), "log": log, "log_megabytes": 4096}
    file.write_text(yaml.safe_dump(declared))


def _roll_out(stage: Literal["none", "shadow", "canary"]) -> None:
    """Puts the challenger there, or ends what was before."""
    ledger = Ledger.open()
    state, challenger = ledger.rollout(MODEL), registry.version(MODEL, "2")
    ledger.record_rollout(
        Rollout(
            model=MODEL, sequence=1, version=challenger.version, model_hash=challenger.model_hash, stage=stage,
            share=0.5 if stage == "canary" else 0.0, salt="benchmark", action="start", actor="benchmark",
            reason=f"benchmark {os.getpid()}",
        ),
        expected=state,
    )  # fmt: skip
