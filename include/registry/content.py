"""What a model file says, as one hash: the same however often and wherever the same pipeline is fitted and saved."""

import hashlib
import io
import json
from pathlib import Path
from typing import BinaryIO
from zipfile import ZipFile

from sklearn.pipeline import Pipeline

from include.registry.skops_io import skops_io

SCHEMA = "schema.json"
NO_CONTENT = {
    "__id__",  # an address in memory
    "n_threads",  # HistGradientBoosting keeps how many threads fitted it, which changes no bit of what it learnt
}


def content_hash(file: Path | BinaryIO) -> str:
    """SHA-256 over the types, parameters and arrays in a skops file.

    The bytes of such a file differ each time it is saved: its zip entries carry the time, its arrays are named by
    addresses in memory, every node of its schema has such an address as `__id__`, and a set lists its members in an
    order of the process. So arrays are named by their own hash, addresses are dropped, and sets are sorted. Which equal
    values were one object in memory is thus no content: it depends on where a parameter was read from.
    """
    with ZipFile(file) as archive:
        arrays = {name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist() if name != SCHEMA}
        schema = json.loads(archive.read(SCHEMA))
    return hashlib.sha256(json.dumps(_plain(schema, arrays)).encode()).hexdigest()


def content_of(pipeline: Pipeline) -> str:
    """The content hash that a file of this pipeline has."""
    return content_hash(io.BytesIO(skops_io.dumps(pipeline)))


def _plain(node: object, arrays: dict[str, str]) -> object:
    if isinstance(node, list):
        return [_plain(one, arrays) for one in node]
    if not isinstance(node, dict):
        return node
    plain = {
        name: arrays[one] if name == "file" and isinstance(one, str) and one in arrays else _plain(one, arrays)
        for name, one in node.items()
        if name not in NO_CONTENT
    }
    if node.get("__loader__") == "SetNode":
        plain["content"] = sorted((_plain(one, arrays) for one in node["content"]), key=json.dumps)
    return plain
