"""Requests of MLflow carry what they need, and load nothing that they do not."""

import subprocess
import sys

from mlflow.utils.plugins import get_entry_points

from include.settings import REPOSITORY

GROUP = "mlflow.request_header_provider"
ASK = """
import sys
import include.registry.client
from mlflow.tracking.request_header.registry import resolve_request_headers
print("User-Agent" in resolve_request_headers(), "feast" in sys.modules)
"""


def test_a_request_of_mlflow_does_not_load_feast() -> None:
    """Feast, where it is installed, asks to be: see client.py."""
    assert "feast" in [one.name for one in get_entry_points(GROUP)]
    told = subprocess.run([sys.executable, "-c", ASK], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["True", "False"]
