"""API keys: who may ask which model. The file holds hashes, never keys."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from pydantic import Field, TypeAdapter, ValidationError

from include.errors import SpecError
from include.spec.frozen import Frozen

ALL = "*"


class Key(Frozen):
    """A key by its SHA-256 in hex, and the models it may ask; `*` is all of them and the metrics."""

    name: str
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    models: tuple[str, ...] = Field(min_length=1)


class Keys:
    """The keys of this installation. Without a file nobody is asked for one: the service is on loopback then."""

    def __init__(self, keys: Sequence[Key] | None) -> None:
        self._keys = keys

    @classmethod
    def read(cls, file: Path | None) -> Self:
        """The keys in the file. SpecError where it is wrong."""
        if file is None:
            return cls(None)
        try:
            return cls(TypeAdapter(tuple[Key, ...]).validate_json(file.read_bytes()))
        except (OSError, ValidationError) as problem:
            raise SpecError(f"PERENNIAL_SERVING_KEYS {file}: {problem}") from problem

    def refusal(self, headers: Mapping[bytes, bytes], model: str) -> tuple[int, str] | None:
        """The status, and why, where a request with these headers may not ask the model; None where it may."""
        if self._keys is None:
            return None
        permission = self.allow(presented(headers), model)
        if permission is None:
            return 401, "no such API key: send it as 'Authorization: Bearer <key>'"
        return None if permission else (403, f"this API key may not ask {'all models' if model == ALL else model}")

    def allow(self, presented: bytes, model: str) -> bool | None:
        """Whether the key may ask the model; None where there is no such key. Every key is compared, in equal time."""
        if self._keys is None:
            return True
        digest = hashlib.sha256(presented).hexdigest()
        found = None
        for key in self._keys:
            if hmac.compare_digest(key.sha256, digest):
                found = key
        return None if found is None else ALL in found.models or model in found.models


def presented(headers: Mapping[bytes, bytes]) -> bytes:
    """The key in a request's headers, which ASGI has in lower case: `x-api-key`, otherwise `authorization: Bearer`."""
    scheme, _, key = headers.get(b"authorization", b"").partition(b" ")
    return headers.get(b"x-api-key") or (key if scheme.lower() == b"bearer" else b"")


def made(name: str, models: Sequence[str]) -> tuple[str, Key]:
    """A new key, which is shown once, and what the file keeps of it."""
    key = secrets.token_urlsafe(32)
    return key, Key(name=name, sha256=hashlib.sha256(key.encode()).hexdigest(), models=tuple(models))
