"""Partitions with rows: the fifty features as continuous numbers and words, so that nothing is easier than it is."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from include.lake.blocks import blocks
from include.lake.partitions import Landed
from include.lake.profile import Profile
from include.lake.profiling import Profiler
from include.lake.staged import Staged, StagedFile
from include.lake.store import Store
from include.spec import ContractSpec

BLOCK = 250_000  # rows that are made at a time


def names(features: int) -> tuple[list[str], list[str]]:
    """The numbers and the words, a fifth of all."""
    words = [f"word_{place}" for place in range(features // 5)]
    return [f"number_{place}" for place in range(features - len(words))], words


def table(day: int, rows: int, features: int) -> pa.Table:
    """A day's rows, seeded."""
    random = np.random.default_rng(day)
    numbers, words = names(features)
    said = pa.array([f"kind_{place}" for place in range(20)])
    columns: dict[str, pa.Array] = {name: pa.array(random.normal(size=rows)) for name in numbers}
    for name in words:
        codes = pa.array(np.minimum(random.geometric(0.2, rows) - 1, 19).astype(np.int32))
        columns[name] = pa.DictionaryArray.from_arrays(codes, said).dictionary_decode()
    return pa.table(columns)


def contract(features: int) -> ContractSpec:
    """What the profile is made by."""
    numbers, words = names(features)
    described: dict[str, dict[str, str | bool]] = {"at": {"type": "timestamp"}}
    described |= {name: {"type": "float", "nullable": True} for name in numbers}
    described |= {name: {"type": "string", "nullable": True} for name in words}
    return ContractSpec.model_validate(
        {"dataset": "bench", "owner": "bench", "event_time": "at", "keys": ["at"], "columns": described}
    )


def write(path: Path, day: int, rows: int, features: int) -> None:
    """A day as a Parquet file."""
    pq.write_table(table(day, rows, features), path, compression="zstd", row_group_size=BLOCK)


def profiled(path: Path, features: int) -> Profile:
    """Reads the file block by block and profiles it, as admission does."""
    landed = Landed("2026-01-01", "", (), settled=True, store=Store.open(str(path.parent)))
    columns = [name for kind in names(features) for name in kind]
    file, whole, rows = StagedFile(path, path.name, str(path)), Profiler(contract(features)), 0
    for block in blocks(piece for _, piece in Staged(landed, (file,)).tables(columns)):
        rows += block.num_rows
        for name, one in whole.columns.items():
            one.add(block[name].combine_chunks())
    return whole.result(rows)
