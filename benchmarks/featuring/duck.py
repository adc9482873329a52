"""The same by hand in DuckDB: sums so far per shop, and two ASOF joins, to the window's end and to its begin."""

from pathlib import Path

import duckdb
import numpy as np

from benchmarks.featuring.clock import clocked
from benchmarks.featuring.rows import snapshot

STEP, WINDOW_STEPS, DELAY_STEPS = 3_600_000_000, 7 * 24, 24
QUERY = f"""
with lived as (select "row", shop, late, epoch_us("at") // {STEP} as step from read_parquet(?)),
     hourly as (select shop, step, count(late) as n, sum(late)::bigint as total from lived group by shop, step),
     so_far as (select shop, step, sum(n) over past as n, sum(total) over past as total from hourly
                window past as (partition by shop order by step)),
     asked as (select "row", shop, step - {DELAY_STEPS} as until, step - {WINDOW_STEPS} as since from lived)
select asked."row" as id, upto.n - coalesce(before.n, 0) as n, upto.total - coalesce(before.total, 0) as total
from asked
asof left join so_far as upto on upto.shop = asked.shop and upto.step < asked.until
asof left join so_far as before on before.shop = asked.shop and before.step < asked.since
order by id
"""


def run(folder: Path) -> dict[str, float]:
    """The feature of every row, which has to be what ours is, bit for bit."""
    files = [str(folder / entry.path) for entry in snapshot(folder).entries]
    connection = duckdb.connect()
    connection.execute("set enable_progress_bar = false")
    figures: dict[str, float] = {}
    with clocked(figures), np.errstate(invalid="ignore"):
        found = connection.sql(QUERY, params=[files]).to_arrow_table()
        count, total = (np.nan_to_num(found[name].cast("double").to_numpy()) for name in ("n", "total"))
        made = np.where(count > 0, total / count, np.nan)
    ours = np.load(folder / "ours.npy")
    if made.tobytes() != ours.tobytes():
        same = (made == ours) | (np.isnan(made) & np.isnan(ours))
        if len(made) != len(ours) or not same.all():
            raise AssertionError(f"DuckDB has another number for {(~same).sum()} of {len(made)} rows")
    return figures
