"""What a model answers, in the one form per task that everything else reads."""

import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.pipeline import Pipeline

from include.features.matrix import Floats
from include.lake.profile import ColumnProfile
from include.lake.profiling import CategoryProfiler, NumberProfiler, category_profile, numeric_profile
from include.spec import ModelSpec

PREDICTION = "prediction"  # the column of answers, wherever they are stored or profiled
PROBABILITY = "probability_"  # before a class's name


def predict(spec: ModelSpec, pipeline: Pipeline, features: pd.DataFrame) -> Floats:
    """One answer per row: the probability of yes, the predicted number, or, of several classes, one probability each.

    The probabilities of several classes have the shape (rows, classes), in the order of `target.classes`; a class
    that training never saw has probability 0.
    """
    if spec.task == "regression":
        return np.asarray(pipeline.predict(features), dtype=np.float64)
    said = np.asarray(pipeline.predict_proba(features), dtype=np.float64)
    if spec.task == "binary":
        return said[:, 1]
    every = np.zeros((len(said), len(spec.target.classes)))
    every[:, np.asarray(pipeline.classes_, dtype=np.intp)] = said
    return every


def columns(spec: ModelSpec, said: Floats) -> dict[str, pa.Array]:
    """The answers as they are stored, by column name.

    `prediction` is a number; of several classes it is the name of the likeliest (of equals the first declared), and
    each class has a column `probability_<class>` beside it.
    """
    if spec.task != "multiclass":
        return {PREDICTION: pa.array(said, from_pandas=True)}
    likeliest = pa.array(spec.target.classes).take(pa.array(said.argmax(axis=1)))
    each = {f"{PROBABILITY}{name}": pa.array(said[:, place]) for place, name in enumerate(spec.target.classes)}
    return {PREDICTION: likeliest, **each}


def profiler(spec: ModelSpec) -> NumberProfiler | CategoryProfiler:
    """What profiles the column `prediction` block by block."""
    return CategoryProfiler() if spec.task == "multiclass" else NumberProfiler()


def profile(spec: ModelSpec, said: Floats) -> ColumnProfile:
    """What the column `prediction` looks like, for the watch: a category of several classes, otherwise numbers."""
    column = pa.chunked_array([columns(spec, said)[PREDICTION]])
    return category_profile(column) if spec.task == "multiclass" else numeric_profile(column)
