"""The same Great Expectations suite, with results in the same detail, on a pandas frame; nothing else."""

from collections.abc import Callable
from pathlib import Path

import great_expectations as gx
import pandas as pd
from great_expectations.data_context.types.base import ProgressBarsConfig

from benchmarks.admitting.partition import contract
from include.contract.suite import compile_suite

DETAIL = {"result_format": "SUMMARY", "partial_unexpected_count": 20}


def prepared(file: Path, _: Path) -> Callable[[], dict[str, int]]:
    """What is to be timed."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    asset = context.data_sources.add_pandas("bench").add_dataframe_asset("partition")
    whole = asset.add_batch_definition_whole_dataframe("whole")
    suite = compile_suite(contract())

    def judge() -> dict[str, int]:
        frame = pd.read_parquet(file)
        result = whole.get_batch(batch_parameters={"dataframe": frame}).validate(suite, result_format=DETAIL)
        assert result.success, result
        return {"rows": len(frame), "rules": len(result.results)}

    return judge
