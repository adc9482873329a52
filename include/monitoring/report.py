"""The report people look at: Evidently's drift of every feature and the prediction, on bounded samples."""

import tempfile
import warnings
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pandas.api.types import is_numeric_dtype

from include.monitoring.verdict import Verdict
from include.spec import ModelSpec
from include.training.predictions import PREDICTION


def html(spec: ModelSpec, reference: pa.Table, after: pd.DataFrame, verdict: Verdict) -> bytes:
    """A self-contained HTML page that compares rows of the current window with rows the champion learnt from.

    The prediction comes first, then the features, the one that drifted most before the others. A column without a
    single value cannot be drawn by Evidently and is left out; the verdict still counts it.
    """
    before = reference.to_pandas()
    shown = [name for name in _order(spec, verdict) if before[name].notna().any() and after[name].notna().any()]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Evidently imports its own web server; numpy minds bins of constant columns
        from evidently import DataDefinition, Dataset, Report  # noqa: PLC0415 - ten seconds, only where reports are made
        from evidently.metrics import ValueDrift  # noqa: PLC0415

        definition = DataDefinition(
            numerical_columns=[name for name in shown if is_numeric_dtype(after[name])],
            categorical_columns=[name for name in shown if not is_numeric_dtype(after[name])],
        )
        snapshot = Report(
            [ValueDrift(column=name, method="psi", threshold=spec.monitoring.warn) for name in shown]
        ).run(
            Dataset.from_pandas(after[shown], data_definition=definition),
            Dataset.from_pandas(before[shown], data_definition=definition),
            name=f"{spec.name} {verdict.key}",
        )
    with tempfile.TemporaryDirectory(prefix="perennial-report-") as folder:
        path = Path(folder, "report.html")
        snapshot.save_html(str(path))
        return path.read_bytes()


def _order(spec: ModelSpec, verdict: Verdict) -> list[str]:
    drifted = [one.feature for one in verdict.drifts]
    return list(dict.fromkeys([PREDICTION, *drifted, *spec.features.names]))
