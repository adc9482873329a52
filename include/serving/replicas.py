"""The workers of this machine: each says in a file of its own what it serves and counts."""

import os
import time
from pathlib import Path

import msgspec

from include.serving.meters import ReplicaStatus

STALE_SECONDS = 10.0
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(ReplicaStatus).decode


def say(home: Path, status: ReplicaStatus) -> None:
    """Replaces the worker's file."""
    folder = home / "replicas"
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f".{status.replica}"
    unfinished.write_bytes(_encode(status))
    unfinished.replace(folder / f"{status.replica}.json")


def leave(home: Path, replica: str) -> None:
    """Removes the worker's file."""
    (home / "replicas" / f"{replica}.json").unlink(missing_ok=True)


def heard(home: Path) -> list[ReplicaStatus]:
    """What the workers that live said last."""
    found = []
    for file in sorted((home / "replicas").glob("*.json")):
        try:
            one = _decode(file.read_bytes())
        except (OSError, msgspec.DecodeError):
            continue
        if time.time() - one.at < STALE_SECONDS and _lives(one.pid):
            found.append(one)
        elif not _lives(one.pid):
            file.unlink(missing_ok=True)
    return found


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
