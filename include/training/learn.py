"""Learning: the one act that a training and its rebuild have in common."""

from collections.abc import Mapping

import numpy as np
from pydantic import JsonValue
from sklearn.pipeline import Pipeline

from include.features.matrix import Floats
from include.spec import ModelSpec
from include.training.pipeline import build_pipeline
from include.training.predictions import predict
from include.training.recalibration import learn_recalibrated
from include.training.rows import LabelledRows


def learn(spec: ModelSpec, parameters: Mapping[str, JsonValue], rows: LabelledRows) -> Pipeline:
    """The model's pipeline, built with these parameters and the seed, fitted on these rows, and recalibrated on the
    newest of them where model.yaml says so."""
    pipeline = build_pipeline(spec, parameters)
    if spec.training.recalibrate != "none":
        return learn_recalibrated(spec, pipeline, rows)
    fitted: Pipeline = pipeline.fit(rows.features, rows.target)
    return fitted


def answers(spec: ModelSpec, pipeline: Pipeline, rows: LabelledRows) -> Floats:
    """What the pipeline says of these rows, of which there may be none."""
    return predict(spec, pipeline, rows.features) if len(rows) else np.empty(0)
