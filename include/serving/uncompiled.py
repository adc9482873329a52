"""The registered pipeline itself, for versions that no plan can say."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from threadpoolctl import threadpool_limits

from include.features.matrix import feature_frame
from include.registry import model_file
from include.serving.plan import Plan, Value
from include.spec import Features, load_model
from include.training.predictions import predict

Rows = Sequence[tuple[Value, ...]]


def pipeline_of(plan: Plan, folder: Path) -> Callable[[Rows], list[list[float]]]:
    """A function of rows in the plan's order. BadData where the file is not the registered one."""
    pipeline = model_file.load(folder, plan.model_hash, f"{plan.model} v{plan.version}")
    numeric = tuple(name for name in plan.features if name not in plan.words)
    features = Features(numeric=numeric, categorical=tuple(plan.words), float32=tuple(plan.float32))
    spec = load_model(plan.model).model_copy(update={"features": features})
    kinds = {name: pa.string() if name in plan.words else pa.float64() for name in plan.features}

    def said(rows: Rows) -> list[list[float]]:
        columns = zip(*rows, strict=True)
        table = pa.table({name: pa.array(column, kinds[name]) for name, column in zip(kinds, columns, strict=True)})
        with threadpool_limits(1):
            answers = predict(spec, pipeline, feature_frame(table, spec))
        return [[float(one) for one in np.atleast_1d(row)] for row in answers]

    return said
