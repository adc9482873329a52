"""A model, forty admitted days, a real MLflow store and registry, a real ledger: all under `tmp_path`."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from include.lake import Store
from include.ledger import Ledger
from tests.declared import LATE, admit_days, declare
from tests.landing import TRIPS

DAYS = 40
MODEL = {
    **LATE,
    "features": {"numeric": ["bus"], "categorical": ["line"]},
    "training": {"held_out_days": 10, "min_rows": 50},
    "gates": {
        "champion_comparison": {"metric": "auc", "margin": 0.02},
        "leakage": {"max_strength": 0.99},  # the number of the bus is nearly the answer
    },
    "monitoring": {"min_rows": 20},
}


@pytest.fixture(scope="session")
def tracking_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with MLflow's tables, to be copied: making them takes ten seconds."""
    from mlflow.store.db.utils import _initialize_tables  # noqa: PLC0415
    from sqlalchemy import create_engine  # noqa: PLC0415

    file = tmp_path_factory.mktemp("mlflow") / "mlflow.db"
    _initialize_tables(create_engine(f"sqlite:///{file}"))
    return file


@pytest.fixture
def tracking(tracking_tables: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A real MLflow store in a SQLite file, artifacts beside it."""
    import mlflow  # noqa: PLC0415 - four seconds, only where a registry is needed

    uri = f"sqlite:///{shutil.copy(tracking_tables, tmp_path / 'mlflow.db')}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    monkeypatch.chdir(tmp_path)
    mlflow.set_tracking_uri(uri)
    yield uri
    mlflow.set_tracking_uri(None)


@pytest.fixture
def installation(models: Path, lake: Store, ledger: Ledger, tracking: str) -> Path:
    """Everything a step needs; the newest admitted day is 2013-02-09. Gives the model's folder."""
    folder = declare(models, model=MODEL, contract=TRIPS)
    admit_days("2013-01-01", DAYS, lake, ledger)
    return folder
