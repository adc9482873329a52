"""What a sample of a dataset looks like: its columns, their values, and what may be its key."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as kinds

from include.contract.conform import Misfit, cast
from include.contract.findings import clipped
from include.contract.unique import one_chunk
from include.errors import BadData, NotFound
from include.lake import Landed, Store
from include.lake.profile import CategoryProfile, NumericProfile
from include.lake.profiling import category_profile, numeric_profile
from include.lake.staged import Staged, StagedFile

MOST_ROWS = 200_000
MOST_KEYS = 3
_PERSONAL = re.compile(r"e_?mail|phone|address|(first|last|full|sur)_?name|ssn|passport|birth|iban", re.IGNORECASE)


@dataclass(frozen=True)
class SampledColumn:
    """One column: its type in a contract, its nulls, and the profile of its values (None for moments)."""

    name: str
    kind: str
    rows: int
    nulls: int
    profile: NumericProfile | CategoryProfile | None
    longest: int = 0

    @property
    def personal(self) -> bool:
        """Whether the name is one that people's data has."""
        return bool(_PERSONAL.search(self.name))


@dataclass(frozen=True)
class Sample:
    """The columns a contract can have, those it cannot and why, and a key where one was found.

    `rows` were looked at; `days` are how many rows each folder of files holds, as a landing zone has a folder per day.
    """

    rows: int
    days: tuple[int, ...]
    columns: tuple[SampledColumn, ...]
    left_out: tuple[tuple[str, str], ...]
    event_time: str | None
    keys: tuple[str, ...]


def read(paths: Sequence[str]) -> Sample:
    """The first rows of each file. NotFound where there is none, BadData where one cannot be read."""
    sample = _staged([file.vetted(()) for file in _files(paths)])
    files = list(sample.files)
    schema, share = sample.schema(), max(1, MOST_ROWS // len(files))
    found, left_out = {}, {}
    for name in dict.fromkeys(schema.names):
        if name != name.strip() or not name or schema.names.count(name) > 1:
            left_out[name] = "there twice" if name.strip() == name and name else "no name to write down"
            continue
        kind = _kind(schema.field(name).type)
        if kind is None:
            left_out[name] = clipped(f"of type {schema.field(name).type}")
            continue
        values = _values(files, share, name, kind)
        if isinstance(values, Misfit):
            left_out[name] = values.observed
        else:
            found[name] = (kind, values)
    counts = {file: sum(file.groups) for file in files}
    of_day = np.repeat([str(file.path.parent) for file in files], [min(count, share) for count in counts.values()])
    days: Counter[Path] = Counter()
    for file, count in counts.items():
        days[file.path.parent] += count
    return _sample(found, left_out, tuple(days.values()), pa.array(of_day))


def _sample(
    found: dict[str, tuple[str, pa.Array]], left_out: dict[str, str], days: tuple[int, ...], of_day: pa.Array
) -> Sample:
    rows = max((len(values) for _, values in found.values()), default=0)
    if not rows:
        raise BadData("The sample has no rows with columns a contract can have: nothing can be guessed.")
    columns = tuple(_column(name, kind, values) for name, (kind, values) in found.items())
    moments = [one.name for one in columns if one.kind == "timestamp" and not one.nulls]
    event_time = moments[0] if moments else None
    keys = _keys(columns, {name: values for name, (_, values) in found.items()}, event_time, of_day)
    return Sample(rows, days, columns, tuple(left_out.items()), event_time, keys)


def _files(paths: Sequence[str]) -> list[StagedFile]:
    found: list[Path] = []
    for path in map(Path, paths):
        inside = sorted(path.rglob("*.parquet")) if path.is_dir() else [path]
        if not inside or not all(one.is_file() for one in inside):
            raise NotFound(f"There is no sample {path}. Name Parquet files, or a folder of them.")
        found.extend(inside)
    return [StagedFile(path, path.name, str(path)) for path in dict.fromkeys(found)]


def _staged(files: Sequence[StagedFile]) -> Staged:
    return Staged(Landed("of the sample", "", (), True, Store.open(".")), tuple(files))


def _values(files: Sequence[StagedFile], share: int, name: str, kind: str) -> pa.Array | Misfit:
    """The column's values in the contract's type, `share` rows of each file."""
    parts = []
    for file in files:
        for piece in _first(file, share, name):
            part = cast(one_chunk(piece[name]), kind)
            if isinstance(part, Misfit):
                return part
            parts.append(part)
    return pa.concat_arrays(parts) if parts else pa.nulls(0)


def _first(file: StagedFile, rows: int, name: str) -> Iterator[pa.Table]:
    for _, piece in _staged([file.vetted([name])]).tables([name]):
        yield piece.slice(0, rows)
        rows -= piece.num_rows
        if rows <= 0:
            return


def _kind(landed: pa.DataType) -> str | None:
    plain = landed.value_type if kinds.is_dictionary(landed) else landed
    for kind, fits in (
        ("string", kinds.is_string(plain) or kinds.is_large_string(plain) or kinds.is_string_view(plain)),
        ("int", kinds.is_integer(plain)),
        ("float", kinds.is_floating(plain)),
        ("bool", kinds.is_boolean(plain)),
        ("timestamp", kinds.is_timestamp(plain)),
    ):
        if fits:
            return kind
    return None


def _column(name: str, kind: str, values: pa.Array) -> SampledColumn:
    whole = pa.chunked_array([values])
    longest = (pc.max(pc.utf8_length(values.dictionary)).as_py() or 0) if kind == "string" else 0
    if kind == "timestamp":
        profile = None
    else:
        profile = numeric_profile(whole) if kind in {"int", "float"} else category_profile(whole)
    return SampledColumn(name, kind, len(values), values.null_count, profile, longest)


def _keys(
    columns: Sequence[SampledColumn], values: dict[str, pa.Array], event_time: str | None, of_day: pa.Array
) -> tuple[str, ...]:
    """The fewest columns without nulls, floats and flags aside, in which all rows of a folder differ.

    Empty if there are none.
    """
    fit = [one.name for one in columns if not one.nulls and one.kind in {"timestamp", "string", "int"}]
    ordered = sorted(fit, key=lambda name: name != event_time)
    codes = [values[name].indices if kinds.is_dictionary(values[name].type) else values[name] for name in ordered]
    table = pa.table([*codes, of_day], [*map(str, range(len(ordered))), "day"])
    for size in range(1, MOST_KEYS + 1):
        for places in combinations(range(len(ordered)), size):
            if table.group_by([*map(str, places), "day"]).aggregate([]).num_rows == table.num_rows:
                return tuple(ordered[place] for place in places)
    return ()
