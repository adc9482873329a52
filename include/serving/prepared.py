"""Versions that were prepared on this machine: one folder each, made once, whoever asks first."""

import asyncio
import fcntl
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from include.errors import BadData, NotFound, Outage, PerennialError
from include.serving.plan import Plan, read
from include.serving.routing import Slot

log = logging.getLogger(__name__)
PLAN = "plan.bin"
_KINDS: dict[int, type[PerennialError]] = {kind.exit_code: kind for kind in (BadData, NotFound, Outage)}


def folder_of(home: Path, model: str, slot: Slot) -> Path:
    """Where a version is kept; another file of the same version is another folder."""
    return home / "versions" / model / f"{slot.version}-{slot.model_hash[:16]}"


async def prepared(home: Path, model: str, slot: Slot) -> Plan:
    """The plan of a version, prepared in a process of its own if it is not there yet.

    BadData where the artifact is not the registered one, NotFound where the registry lacks it, Outage where a server
    did not answer.
    """
    folder = folder_of(home, model, slot)
    return await asyncio.to_thread(_prepared, folder, model, slot)


def _prepared(folder: Path, model: str, slot: Slot) -> Plan:
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder / "lock"):
        found = _read(folder, slot)
        if found is None:
            _prepare(folder, model, slot)
            found = _read(folder, slot)
    if found is None:
        raise BadData(f"{model} v{slot.version}: {folder / PLAN} cannot be read after it was made.")
    return found


def _read(folder: Path, slot: Slot) -> Plan | None:
    """The plan, if it is there, whole, and of the right file."""
    try:
        plan = read((folder / PLAN).read_bytes())
    except FileNotFoundError:
        return None
    except (msgspec.DecodeError, msgspec.ValidationError) as problem:
        log.warning("%s is damaged (%s): made anew", folder / PLAN, problem)
        return None
    return plan if plan.model_hash == slot.model_hash else None


def _prepare(folder: Path, model: str, slot: Slot) -> None:
    command = [sys.executable, "-m", "include.serving.prepare", model, slot.version, slot.model_hash, str(folder)]
    done = _run(command)
    if done.returncode != 0:
        kind, said = _KINDS.get(done.returncode, Outage), done.stderr.decode(errors="replace").strip()
        raise kind(f"{model} v{slot.version} cannot be served: {said[-1000:]}")


def _run(command: list[str]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, capture_output=True, check=False, env={**os.environ, "OMP_NUM_THREADS": "1"})


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    with file.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
