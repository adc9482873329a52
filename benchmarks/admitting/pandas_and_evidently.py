"""The same rules and a summary of every column by Evidently; patterns and keys, which it lacks, by pandas."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.metrics import MissingValueCount, OutListValueCount, OutRangeValueCount, RowCount
from evidently.presets import DataSummaryPreset
from evidently.tests import eq, gte

from benchmarks.admitting.partition import contract


def prepared(file: Path, _: Path) -> Callable[[], dict[str, int]]:
    """What is to be timed."""
    specs = contract().columns
    ranges = [(name, one) for name, one in specs.items() if one.min is not None or one.max is not None]
    metrics: list[Any] = [RowCount(tests=[gte(1)]), DataSummaryPreset()]
    metrics += [MissingValueCount(column=name, tests=[] if one.nullable else [eq(0)]) for name, one in specs.items()]
    metrics += [
        OutRangeValueCount(column=name, left=one.min, right=2e9 if one.max is None else one.max, tests=[eq(0)])
        for name, one in ranges
    ]
    metrics.append(OutListValueCount(column="c0", values=list(specs["c0"].one_of or ()), tests=[eq(0)]))

    def judge() -> dict[str, int]:
        frame = pd.read_parquet(file)
        numbers = [name for name, one in specs.items() if one.type in {"int", "float"}]
        words = [name for name, one in specs.items() if one.type in {"string", "bool"}]
        definition = DataDefinition(numerical_columns=numbers, categorical_columns=words, datetime_columns=["at"])
        Report(metrics).run(Dataset.from_pandas(frame, data_definition=definition), None)
        patterns = {name: one.pattern for name, one in specs.items() if one.pattern}
        assert all(frame[name].str.contains(pattern).all() for name, pattern in patterns.items())
        assert not frame.duplicated(subset=["id"]).any()
        return {"rows": len(frame), "rules": len(metrics) - 1 + len(patterns) + 1}

    return judge
