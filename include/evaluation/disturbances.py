"""What goes wrong with the inputs of a model: each mishap as a copy of the rows, and whether the contract stops it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from include.features.matrix import Floats
from include.spec import ColumnSpec, ModelSpec

Kind = Literal[
    "missing_feature", "missing_cells", "unseen_category", "unit_error", "noise", "column_order", "number_type"
]
KINDS: tuple[Kind, ...] = get_args(Kind)
SEED = 20130611
MISSING_SHARE = 0.1
NOISE_SHARE = 0.01  # of a feature's standard deviation
NEVER_SEEN = "never seen before"
# The usual ones: a thousand (kilo and milli, separators), per cent, inches and centimetres, Fahrenheit and Celsius.
UNITS: dict[str, Callable[[Floats], Floats]] = {
    "x 1000": lambda values: values * 1000,
    "x 0.01": lambda values: values * 0.01,
    "x 2.54": lambda values: values * 2.54,
    "F to C": lambda values: (values - 32) / 1.8,
}
SURELY_NOTICED = 0.01  # share of impossible values from which a partition cannot slip through


@dataclass(frozen=True)
class Disturbance:
    """One mishap. `feature` is None where it befalls several; `stopped`: the contract keeps such rows out."""

    kind: Kind
    feature: str | None
    what: str
    stopped: bool
    rows: pd.DataFrame


def disturbances(spec: ModelSpec, rows: pd.DataFrame) -> Iterator[Disturbance]:
    """Every mishap there is for these features, one copy of the rows at a time."""
    yield from missing_features(spec, rows)
    yield from _missing_cells(spec, rows)
    yield from _unseen(spec, rows)
    yield from _wrong_units(spec, rows)
    yield from _noisy(spec, rows)
    yield Disturbance("column_order", None, "columns in reverse order", False, rows[rows.columns[::-1]])
    yield from _other_types(spec, rows)


def count(spec: ModelSpec) -> int:
    """At most so many mishaps are tried on a model."""
    numeric, categorical = len(spec.features.numeric), len(spec.features.categorical)
    return (1 + len(UNITS)) * numeric + 2 * categorical + 5


def missing_features(spec: ModelSpec, rows: pd.DataFrame) -> Iterator[Disturbance]:
    """Each feature gone in turn, by which its importance is measured."""
    for name in spec.features.names:
        nothing = rows.assign(**{name: _nothing(rows[name])})
        yield Disturbance("missing_feature", name, "missing", _must_be_there(spec.column(name)), nothing)


def _missing_cells(spec: ModelSpec, rows: pd.DataFrame) -> Iterator[Disturbance]:
    holes, random = rows.copy(), np.random.default_rng(SEED)
    optional = [name for name in spec.features.names if not _must_be_there(spec.column(name))]
    for name in optional:
        missing = random.random(len(rows)) < MISSING_SHARE
        holes[name] = np.where(missing, _nothing(rows[name]), rows[name].to_numpy())
    if optional:
        yield Disturbance("missing_cells", None, f"{MISSING_SHARE:.0%} of all cells missing", False, holes)


def _unseen(spec: ModelSpec, rows: pd.DataFrame) -> Iterator[Disturbance]:
    for name in spec.features.categorical:
        column = spec.contract.columns[name]
        stopped = column.severity == "fail" and (column.one_of is not None or column.type != "string")
        changed = rows.assign(**{name: np.full(len(rows), NEVER_SEEN, dtype=object)})
        yield Disturbance("unseen_category", name, "a category never seen", stopped, changed)


def _wrong_units(spec: ModelSpec, rows: pd.DataFrame) -> Iterator[Disturbance]:
    for name in spec.features.numeric:
        column, values = spec.column(name), rows[name].to_numpy()
        if column.type == "bool":
            continue
        for what, convert in UNITS.items():
            wrong = convert(values)
            yield Disturbance("unit_error", name, what, _impossible(column, wrong), rows.assign(**{name: wrong}))


def _noisy(spec: ModelSpec, rows: pd.DataFrame) -> Iterator[Disturbance]:
    names = [name for name in spec.features.numeric if spec.column(name).type != "bool"]
    if not names:
        return
    values, random = rows[names], np.random.default_rng(SEED)
    noisy = values + random.standard_normal(values.shape) * (NOISE_SHARE * values.std(ddof=0)).to_numpy()
    spoilt = rows.assign(**noisy.astype(values.dtypes))
    yield Disturbance("noise", None, f"noise of {NOISE_SHARE:.0%} of the deviation", False, spoilt)


def _other_types(spec: ModelSpec, rows: pd.DataFrame) -> Iterator[Disturbance]:
    """The same numbers as other software hands them over: whole ones as integers, all as Python objects or text.

    Not those declared as float32: an estimator may compute in the type it gets, and rightly give other digits.
    """
    names = [name for name in spec.features.numeric if spec.features.kind_of(name) == "float64"]
    if not names:
        return
    whole = [name for name in names if (rows[name] % 1 == 0).all()]
    if whole:
        yield Disturbance("number_type", None, "as integers", False, rows.astype(dict.fromkeys(whole, np.int64)))
    objects = rows[names].astype(object).where(rows[names].notna(), None)
    yield Disturbance("number_type", None, "as objects", False, rows.assign(**objects))
    text = rows[names].astype(str).where(rows[names].notna(), None)
    yield Disturbance("number_type", None, "as text", False, rows.assign(**text))


def _nothing(column: pd.Series) -> npt.NDArray[np.generic]:
    """A column like this one with no value."""
    nothing = None if column.dtype == object else np.nan
    return np.full(len(column), nothing, dtype=column.to_numpy().dtype)


def _must_be_there(column: ColumnSpec) -> bool:
    return not column.nullable and column.severity == "fail"


def _impossible(column: ColumnSpec, values: Floats) -> bool:
    """Whether the contract refuses a partition with such values: out of bounds, or no whole numbers."""
    known = values[~np.isnan(values)]
    wrong = np.zeros(len(known), dtype=bool)
    if column.severity == "fail":
        wrong |= known < (-np.inf if column.min is None else column.min)
        wrong |= known > (np.inf if column.max is None else column.max)
    if column.type == "int":
        wrong |= known % 1 != 0  # never a matter of severity: the column's type is wrong
    return bool(len(known)) and float(wrong.mean()) >= SURELY_NOTICED
