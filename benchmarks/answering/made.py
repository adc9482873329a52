"""What all sides serve: one fitted pipeline of the flights, registered, promoted, and saved as MLflow takes it."""

import json
import os
from datetime import date, timedelta
from pathlib import Path

import mlflow.sklearn
import numpy as np
import pyarrow as pa

from benchmarks.orchestrating.plain import admit_days
from include.demo.flights import load_flights
from include.features.matrix import feature_frame
from include.ledger import Ledger, migrate
from include.registry import registry, runs
from include.registry.model_file import TRUSTED_TYPES
from include.registry.registry import Version
from include.spec import load_model
from include.steps import STEPS
from include.training.predictions import predict

MODEL, FIRST_DAY = "flight_delay", date(2013, 1, 1)


def make(home: Path, days: int, questions: int) -> None:
    """A ledger, a lake, a registry with champion and challenger, an MLflow model, and rows with what is right."""
    from mlflow.store.db.utils import _initialize_tables  # noqa: PLC0415
    from sqlalchemy import create_engine  # noqa: PLC0415

    os.chdir(home)  # artifacts lie beside the store
    _initialize_tables(create_engine(f"sqlite:///{home / 'mlflow.db'}"))
    migrate()
    admit_days(FIRST_DAY, days, home / "flights")
    last = FIRST_DAY + timedelta(days=days)
    version, _ = (_registered(as_of) for as_of in (last, last - timedelta(days=1)))
    Ledger.open().record_deployment(
        MODEL, version.version, version.model_hash, expected=None, action="promote", actor="benchmark",
        reason="benchmark",
    )  # fmt: skip
    pipeline = registry.load(version)
    mlflow.sklearn.save_model(
        pipeline, str(home / "saved"), pyfunc_predict_fn="predict_proba", skops_trusted_types=TRUSTED_TYPES
    )
    _write_questions(home, pipeline, questions)


def _registered(as_of: date) -> Version:
    run = str(STEPS["fit"].run(MODEL, {"as_of": as_of.isoformat(), "reason": "benchmark"}).facts["run"])
    made = runs.manifest(run)
    return registry.register(MODEL, run, made.model_uri, made.model_hash)


def _write_questions(home: Path, pipeline: object, count: int) -> None:
    """Real flights of the day after the training: rows as each side takes them, one a line, and what is right."""
    spec, flights = load_model(MODEL), load_flights(home / "flights")
    chosen = np.random.default_rng(1).choice(flights.num_rows // 12, count, replace=False)
    rows = flights.take(pa.array(chosen))
    said = predict(spec, pipeline, feature_frame(rows, spec))  # type: ignore[arg-type]
    names = spec.features.names
    records = rows.select(list(names)).to_pylist()
    words = set(spec.features.categorical)
    forms = {
        "v2": [{"inputs": [{"name": name, "shape": [1], "datatype": "BYTES" if name in words else "FP64",
                            "data": [row[name]]} for name in names]} for row in records],
        "split": [{"dataframe_split": {"columns": names, "data": [[row[name] for name in names]]}} for row in records],
        "plain": records,
        "said": said.tolist(),
    }  # fmt: skip
    for form, lines in forms.items():
        (home / f"{form}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
