"""Who answers: which versions stand by, and whose turn a request is. Values and pure functions, no I/O."""

import hashlib
from typing import Literal

from pydantic import Field

from include.spec.frozen import Frozen

Mode = Literal["champion", "shadow", "canary", "ab", "break_glass"]
Turn = Literal["champion", "challenger"]


class Slot(Frozen):
    """A version that is to be loaded, and the SHA-256 its file has to have."""

    version: str
    model_hash: str


class Routing(Frozen):
    """How a model's requests are answered from now on; the one with the highest `sequence` holds.

    A replica only ever moves to a higher sequence. A challenger is loaded in every mode it is named in; in mode
    `champion` it answers only requests that name its version. `share` is the part of the entities it answers in the
    modes canary and ab. `fallback` is the champion before. `answer` is what mode break_glass answers: a constant, or
    `fallback` for the rule in pipeline.py.
    """

    model: str
    sequence: int = Field(ge=0)
    mode: Mode = "champion"
    champion: Slot | None = None
    challenger: Slot | None = None
    fallback: Slot | None = None
    share: float = Field(0.0, ge=0, le=1)
    salt: str = ""
    answer: str | None = None


def bucket(salt: str, entity: str) -> float:
    """Where the entity lies in [0, 1): always the same under one salt, evenly spread, and anew under another."""
    digest = hashlib.blake2b(f"{salt}\0{entity}".encode(errors="surrogatepass"), digest_size=8).digest()
    return (int.from_bytes(digest) >> 11) * 2.0**-53  # all 64 bits would round up to 1.0


def assign(routing: Routing, entity: str) -> Turn:
    """Whose turn the entity is. Who is the challenger's at 5 % is the challenger's at 20 %, too."""
    if routing.challenger is None or routing.mode not in ("canary", "ab"):
        return "champion"
    return "challenger" if bucket(routing.salt, entity) < routing.share else "champion"
