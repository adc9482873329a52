"""Writes the `.env` that docker-compose.yaml reads: `python3 include/platform/env_file.py` (standard library only).

Every name that `.env.example` leaves empty gets a random value; a name that `.env` already has is left as it is.
"""

from __future__ import annotations

import base64
import os
import sys
from collections.abc import Callable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent
SECRET_BYTES = 32


def random_value(name: str) -> str:
    """A new secret: a Fernet key where the name asks for one, else 64 hexadecimal digits that no URL has to escape."""
    fresh = os.urandom(SECRET_BYTES)
    return base64.urlsafe_b64encode(fresh).decode() if name.endswith("_FERNET_KEY") else fresh.hex()


def complete(example: str, present: str, make_value: Callable[[str], str] = random_value) -> str:
    """The text of `.env`: `present` (or else the example) with a value for every name that the example leaves empty."""
    lines = (present or example).splitlines()
    required = [name for name, value in _assignments(example.splitlines()) if not value]
    named = {name for name, _ in _assignments(lines)}
    lines += [f"{name}=" for name in required if name not in named]
    return "\n".join(_filled(line, required, make_value) for line in lines) + "\n"


def write(folder: Path = REPOSITORY) -> Path:
    """Bring `.env` in this folder up to date with `.env.example`, readable for its owner alone, replaced as a whole."""
    target = folder / ".env"
    present = target.read_text(encoding="utf-8") if target.exists() else ""
    text = complete((folder / ".env.example").read_text(encoding="utf-8"), present)
    draft = folder / ".env.new"
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(target)
    return target


def _assignments(lines: list[str]) -> list[tuple[str, str]]:
    """Names and values, without comments: `["A=1", "# B=2"] -> [("A", "1")]`."""
    pairs = (line.strip().partition("=") for line in lines if not line.lstrip().startswith("#"))
    return [(name.strip(), value.strip()) for name, equals, value in pairs if equals]


def _filled(line: str, required: list[str], make_value: Callable[[str], str]) -> str:
    for name, value in _assignments([line]):
        if name in required and not value:
            return f"{name}={make_value(name)}"
    return line


if __name__ == "__main__":
    print(f"{write()}: complete; Airflow's password for `admin` is AIRFLOW_ADMIN_PASSWORD in it", file=sys.stderr)
