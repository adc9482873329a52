"""What Evidently's drift preset says with its defaults, week by week."""

import warnings
from collections.abc import Iterable

import numpy as np
import pandas as pd

from benchmarks.drifting.worlds import FEATURES, WORDS

SHARE = 0.5  # of columns, from which the preset calls the dataset drifted
LIMIT = 0.1  # of both measures that the preset takes for a reference of more than a thousand rows


def verdicts(before: pd.DataFrame, weeks: Iterable[pd.DataFrame]) -> dict[str, list[bool]]:
    """Whether half of the columns drifted, the preset's verdict on a dataset; and whether any did.

    The preset makes a page each time; its own tests are asked instead, which `drifted_by_preset` shows to be the same.
    """
    found = [_drifted(before, week) for week in weeks]
    return {"half": [len(one) >= SHARE * len(FEATURES) for one in found], "any": [bool(one) for one in found]}


def _drifted(before: pd.DataFrame, now: pd.DataFrame) -> set[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from evidently.legacy.calculations.stattests import (  # noqa: PLC0415
            jensenshannon_stat_test,
            wasserstein_stat_test,
        )
        from evidently.legacy.core import ColumnType  # noqa: PLC0415

        drifted = set()
        for name in FEATURES:
            words = name in WORDS
            test, kind = (
                (jensenshannon_stat_test, ColumnType.Categorical)
                if words
                else (wasserstein_stat_test, ColumnType.Numerical)
            )
            pair = [one[name].replace([-np.inf, np.inf], np.nan).dropna() for one in (before, now)]
            if pair[1].empty:
                continue  # the preset stops with an error on a column without a value: nobody is told of drift
            if test(*pair, kind, LIMIT).drifted:
                drifted.add(name)
    return drifted


def drifted_by_preset(before: pd.DataFrame, now: pd.DataFrame) -> set[str]:
    """The columns that the preset itself calls drifted."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from evidently import DataDefinition, Dataset, Report  # noqa: PLC0415
        from evidently.presets import DataDriftPreset  # noqa: PLC0415

        kinds = DataDefinition(
            numerical_columns=[name for name in FEATURES if name not in WORDS], categorical_columns=list(WORDS)
        )
        said = [Dataset.from_pandas(one, data_definition=kinds) for one in (now, before)]
        metrics = Report([DataDriftPreset()]).run(*said).dict()["metrics"]
    return {one["config"]["column"] for one in metrics if "ValueDrift" in one["metric_name"] and one["value"] > LIMIT}
