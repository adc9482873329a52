"""The Dags as Airflow reads them, once for all tests here."""

import os
import tempfile

os.environ.setdefault("AIRFLOW_HOME", tempfile.mkdtemp(prefix="perennial-dags-"))
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"

import pytest
from airflow.dag_processing.dagbag import DagBag

from include.settings import REPOSITORY


@pytest.fixture(scope="session")
def dagbag() -> DagBag:
    """Every Dag of the repository."""
    return DagBag(dag_folder=str(REPOSITORY / "dags"))
