"""The report people look at: Evidently's drift of every feature and the prediction, on bounded samples."""

import tempfile
import warnings
from pathlib import Path

import numpy as np
import pyarrow as pa

from include.evaluation.reference import SAMPLE_ROWS
from include.features.matrix import feature_frame
from include.spec import ModelSpec
from include.training.pipeline import PREDICTION


def html(spec: ModelSpec, reference: pa.Table, current: pa.Table, predictions: pa.ChunkedArray, key: str) -> bytes:
    """A self-contained HTML page that compares the current window with the champion's training window.

    A column without a single value cannot be drawn by Evidently and is left out; the verdict still counts it.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # raised while Evidently imports its own web server
        from evidently import DataDefinition, Dataset, Report  # noqa: PLC0415 - ten seconds, only where reports are made
        from evidently.metrics import ValueDrift  # noqa: PLC0415

    before = reference.to_pandas()
    after = feature_frame(current, spec)
    after[PREDICTION] = np.asarray(predictions.to_numpy())
    after = after.sample(n=min(SAMPLE_ROWS, len(after)), random_state=0)
    numeric = [
        name
        for name in (*spec.features.numeric, PREDICTION)
        if before[name].notna().any() and after[name].notna().any()
    ]
    categorical = [
        name for name in spec.features.categorical if before[name].notna().any() and after[name].notna().any()
    ]
    definition = DataDefinition(numerical_columns=numeric, categorical_columns=categorical)
    metrics = [
        ValueDrift(column=name, method="psi", threshold=spec.monitoring.warn) for name in [*numeric, *categorical]
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numpy warns about bins of constant columns
        snapshot = Report(metrics).run(
            Dataset.from_pandas(after[[*numeric, *categorical]], data_definition=definition),
            Dataset.from_pandas(before[[*numeric, *categorical]], data_definition=definition),
            name=f"{spec.name} {key}",
        )
    with tempfile.TemporaryDirectory(prefix="perennial-report-") as folder:
        path = Path(folder, "report.html")
        snapshot.save_html(str(path))
        return path.read_bytes()
