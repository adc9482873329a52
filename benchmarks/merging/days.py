"""A year of days as admission leaves them: a Parquet file and a profile each.

There are `DIFFERENT` days, which repeat: making 365 takes longer than measuring them. Every read opens its own file.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from include.lake import profile_table
from include.spec import ContractSpec

DIFFERENT = 28
NUMBERS = (
    "normal",
    "lognormal",
    "uniform",
    "cents",
    "whole",
    "count",
    "Cauchy",
    "mostly zero",
    "share",
    "far from zero",
)
WORDS = (5, 50, 1000, 20_000)


def names(columns: int) -> tuple[list[str], list[str]]:
    """The columns with numbers and those with words; of twenty, four."""
    words = [f"word_{place}" for place in range(columns // 5)]
    return [f"number_{place}" for place in range(columns - len(words))], words


def contract(columns: int) -> ContractSpec:
    """Twenty columns or more."""
    numbers, words = names(columns)
    described: dict[str, dict[str, str | bool]] = {"at": {"type": "timestamp"}}
    described |= {name: {"type": "float", "nullable": True} for name in numbers}
    described |= {name: {"type": "string"} for name in words}
    return ContractSpec.model_validate(
        {"dataset": "bench", "owner": "bench", "event_time": "at", "keys": ["at"], "columns": described}
    )


def write(folder: Path, days: int, rows: int, columns: int) -> None:
    """The files `<day>.parquet` and `<day>.profile.json`."""
    declared = contract(columns)
    for day in range(days):
        data, profile = folder / f"{day:03}.parquet", folder / f"{day:03}.profile.json"
        if day >= DIFFERENT:
            for path in (data, profile):
                os.link(folder / path.name.replace(f"{day:03}", f"{day % DIFFERENT:03}"), path)
            continue
        table = _day(day, rows, columns)
        pq.write_table(table, data, compression="zstd")
        profile.write_bytes(profile_table(table, declared).to_json())


def _day(day: int, rows: int, columns: int) -> pa.Table:
    random = np.random.default_rng(day)
    numbers, words = names(columns)
    made = {name: _numbers(random, NUMBERS[place % len(NUMBERS)], rows) for place, name in enumerate(numbers)}
    made |= {name: _words(random, WORDS[place % len(WORDS)], rows) for place, name in enumerate(words)}
    return pa.table(made)


def _numbers(random: np.random.Generator, shape: str, rows: int) -> pa.Array:
    drawn: dict[str, Callable[[], Any]] = {
        "normal": lambda: random.normal(0, 1, rows),
        "lognormal": lambda: random.lognormal(0, 1, rows),
        "uniform": lambda: random.uniform(-1, 1, rows),
        "cents": lambda: np.round(random.gamma(2, 40, rows), 2),
        "whole": lambda: random.integers(0, 1_000_000, rows).astype(np.float64),
        "count": lambda: random.poisson(3, rows).astype(np.float64),
        "Cauchy": lambda: random.standard_cauchy(rows),
        "mostly zero": lambda: np.where(random.random(rows) < 0.7, 0.0, random.gamma(2, 1, rows)),
        "share": lambda: random.beta(2, 5, rows),
        "far from zero": lambda: random.normal(1013, 10, rows),
    }
    return pa.array(drawn[shape](), mask=random.random(rows) < 0.02)


def _words(random: np.random.Generator, kinds: int, rows: int) -> pa.Array:
    drawn = np.floor(np.exp(random.uniform(0, np.log(kinds + 1), rows))).astype(np.int64)
    return pa.array([f"category {one}" for one in drawn.tolist()])
