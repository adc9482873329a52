"""Held-out rows of a binary model: two models' answers, days, and columns to cut them by."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from include.evaluation.coded import Coded
from include.features.matrix import Floats

DAYS = 28
COLUMNS = ("region", "channel")
SEED = 20130101


@dataclass(frozen=True)
class HeldOutRows:
    """What was said and what came true, one entry per row, and the group of each row by column."""

    target: Floats
    challenger: Floats
    champion: Floats
    days: Coded
    groups: dict[str, Coded]

    @property
    def bytes(self) -> int:
        """The size of these rows in memory."""
        arrays = [self.target, self.challenger, self.champion, self.days.codes]
        return sum(one.nbytes for one in [*arrays, *(coded.codes for coded in self.groups.values())])

    def frame(self) -> pd.DataFrame:
        """The same as a data frame."""
        columns = {"target": self.target, "challenger": self.challenger, "champion": self.champion}
        named = {"day": self.days, **self.groups}
        return pd.DataFrame(columns | {name: pd.Categorical.from_codes(c.codes, c.names) for name, c in named.items()})

    @classmethod
    def read(cls, folder: Path) -> "HeldOutRows":
        """The rows that `write` wrote: what made them is not in this process's memory."""
        with np.load(folder / "rows.npz") as stored:
            arrays = {name: stored[name] for name in stored.files}
        names = json.loads((folder / "names.json").read_text(encoding="utf-8"))
        coded = {name: Coded(arrays[name], tuple(names[name])) for name in names}
        days = coded.pop("day")
        return cls(arrays["target"], arrays["challenger"], arrays["champion"], days, coded)


def write(folder: Path, rows: int, slices: int) -> dict[str, float]:
    """Makes rows and leaves them in the folder."""
    made = held_out_rows(rows, slices)
    coded = {"day": made.days, **made.groups}
    codes = {name: one.codes for name, one in coded.items()}
    np.savez(folder / "rows.npz", target=made.target, challenger=made.challenger, champion=made.champion, **codes)
    names = {name: one.names for name, one in coded.items()}
    (folder / "names.json").write_text(json.dumps(names), encoding="utf-8")
    return {"rows": float(rows)}


def held_out_rows(rows: int, slices: int) -> HeldOutRows:
    """So many rows over 28 days, cut by two columns into so many slices; the challenger is a little better."""
    random = np.random.default_rng(SEED)
    truth = random.normal(-1.4, 1.0, rows)
    target = (random.random(rows) < _chance(truth)).astype(np.float64)
    challenger, champion = (_chance(truth + random.normal(0, noise, rows)) for noise in (0.60, 0.62))
    days = Coded(np.sort(random.integers(0, DAYS, rows)).astype(np.int32), _names("day", DAYS))
    each = slices // len(COLUMNS)
    groups = {name: Coded(random.integers(0, each, rows).astype(np.int32), _names(name, each)) for name in COLUMNS}
    return HeldOutRows(target, challenger, champion, days, groups)


def _chance(logit: Floats) -> Floats:
    return 1 / (1 + np.exp(-logit))


def _names(what: str, count: int) -> tuple[str, ...]:
    return tuple(f"{what}-{number:03}" for number in range(count))
