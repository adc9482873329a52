"""A service as articles on serving write it: FastAPI, pydantic, a DataFrame of one row, `mlflow.pyfunc`."""

import os

import mlflow.pyfunc
import pandas as pd
from fastapi import FastAPI
from pydantic import create_model

from include.spec import load_model

MODEL = load_model("flight_delay")
Flight = create_model(
    "Flight",
    **{
        name: (str | None if name in MODEL.features.categorical else float | None, ...) for name in MODEL.features.names
    },
)  # type: ignore[call-overload]
model = mlflow.pyfunc.load_model(os.environ["BENCHMARK_MODEL"])
app = FastAPI()


@app.post("/predict")
def predict(flight: Flight) -> dict[str, float]:  # type: ignore[valid-type]
    row = pd.DataFrame([flight.model_dump()]).astype(dict.fromkeys(MODEL.features.numeric, float))  # type: ignore[attr-defined]
    return {"prediction": float(model.predict(row)[0][1])}
