"""From rows to exact changes: when each row enters the window of its entity, when it leaves it, and with how much."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from include.errors import BadData
from include.spec import ContractSpec, WindowFeature
from include.spec.windows import microseconds

Whole = npt.NDArray[np.int64]
MOMENT, COUNT, TOTAL = "# moment", "# count", "# total"  # no column of a dataset is called so
_START, _END = "# start", "# end"
_LARGEST = 2.0**62


def columns_of(feature: WindowFeature, contract: ContractSpec) -> list[str]:
    """The columns of the dataset that the feature is made of."""
    named = [*feature.by, contract.event_time, feature.of, feature.known_at]
    return list(dict.fromkeys(name for name in named if name is not None))


def changes(name: str, feature: WindowFeature, contract: ContractSpec, table: pa.Table) -> pa.Table:
    """What these rows change in the windows of their entities: the columns of `by`, MOMENT, COUNT and TOTAL.

    A moment is a number of steps since 1970. A row that happened in step e and was known in step k is in the window
    from the step after both, and for the last time in step e + window. A row without entity, event time or value is in
    none. Everything is a whole number, so that sums are exact in any order. Raises BadData where they would not be.
    """
    step = microseconds(feature.step)
    events, there = moments_of(table[contract.event_time], step)
    known, told = _known(feature, table, contract, step)
    counts, totals, valued = _amounts(name, feature, table)
    start, end = np.maximum(events, known) + 1, events + microseconds(feature.window) // step + 1
    kept = there & told & valued & (start < end)
    for column in feature.by:
        kept &= _bits(table[column].is_valid())
    rows = pa.table(
        {
            **{column: table[column] for column in feature.by},
            _START: start,
            _END: end,
            COUNT: counts,
            TOTAL: totals,
        }
    ).filter(pa.array(kept))
    summed = rows.group_by([*feature.by, _START, _END]).aggregate([(COUNT, "sum"), (TOTAL, "sum")])
    return _both_ends(summed, feature.by)


def moments_of(column: pa.ChunkedArray, step: int) -> tuple[Whole, npt.NDArray[np.bool_]]:
    """The step each time lies in, in steps since 1970, and which of them are there at all."""
    if not pa.types.is_null(column.type):
        column = column.cast(pa.timestamp("us", tz=column.type.tz), safe=False)
    return _whole(column.cast(pa.int64())) // step, _bits(column.is_valid())


def _known(
    feature: WindowFeature, table: pa.Table, contract: ContractSpec, step: int
) -> tuple[Whole, npt.NDArray[np.bool_]]:
    """The step in which each row was known."""
    if feature.known_at is not None:
        return moments_of(table[feature.known_at], step)
    micros, there = moments_of(table[contract.event_time], 1)
    return (micros + (microseconds(feature.known_after) if feature.known_after else 0)) // step, there


def _amounts(name: str, feature: WindowFeature, table: pa.Table) -> tuple[Whole, Whole, npt.NDArray[np.bool_]]:
    """What each row counts and adds, and which rows have a value."""
    ones = np.ones(table.num_rows, dtype=np.int64)
    if feature.of is None:
        return ones, np.zeros_like(ones), ones.astype(bool)
    column = table[feature.of]
    valued = _bits(column.is_valid())
    if feature.aggregate == "count":
        return ones, np.zeros_like(ones), valued
    if pa.types.is_integer(column.type) or pa.types.is_boolean(column.type):
        whole = _whole(column.cast(pa.int64()))
        return ones, _above(feature, whole), valued
    values = np.asarray(pc.fill_null(column.cast(pa.float64()), float("nan")).to_numpy())
    valued &= ~np.isnan(values)
    return ones, _rounded(name, feature, np.where(valued, values, 0.0)), valued


def _above(feature: WindowFeature, values: Whole) -> Whole:
    return values if feature.above is None else (values > feature.above).astype(np.int64)


def _rounded(name: str, feature: WindowFeature, values: npt.NDArray[np.float64]) -> Whole:
    if feature.above is not None:
        return (values > feature.above).astype(np.int64)
    scaled = np.rint(values * float(10**feature.decimals))
    require_exact(name, scaled)
    return scaled.astype(np.int64)


def require_exact(name: str, totals: npt.NDArray[np.generic]) -> None:
    """BadData where so large numbers could not be summed without a loss."""
    size = float(np.abs(totals.astype(np.float64)).sum())
    if not size < _LARGEST:
        raise BadData(
            f"Window feature {name} cannot be summed exactly: its values, counted in units of its decimals, come to "
            f"{size:.3g}, required: below {_LARGEST:.3g}. Give it fewer decimals, or bound the column in contract.yaml."
        )


def _both_ends(summed: pa.Table, by: tuple[str, ...]) -> pa.Table:
    counts, totals = _whole(summed[f"{COUNT}_sum"]), _whole(summed[f"{TOTAL}_sum"])
    enter, leave = _whole(summed[_START]), _whole(summed[_END])
    entities = summed.select(list(by))
    columns = {name: pa.concat_tables([entities, entities])[name] for name in by}
    both = {
        MOMENT: np.concatenate([enter, leave]),
        COUNT: np.concatenate([counts, -counts]),
        TOTAL: np.concatenate([totals, -totals]),
    }
    return pa.table({**columns, **both})


def _whole(column: pa.ChunkedArray) -> Whole:
    return np.asarray(pc.fill_null(column, 0).to_numpy(), dtype=np.int64)


def _bits(column: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    return np.asarray(column.to_numpy(), dtype=np.bool_)
