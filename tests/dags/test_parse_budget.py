"""Reading a Dag file is cheap: nothing heavy is imported, and a hundred models are no trouble."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from include.settings import REPOSITORY

HEAVY = (
    "boto3", "dask", "datasketches", "duckdb", "evidently", "feast", "great_expectations", "kubernetes", "matplotlib",
    "mlflow", "numpy", "pandas", "pyarrow", "scipy", "sklearn", "skops", "include.ledger", "include.lake",
    "include.contract", "include.features",
)  # fmt: skip
FILES = sorted((REPOSITORY / "dags").glob("*.py"))
IMPORT_TIMEOUT_SECONDS = 30  # Airflow's own limit for one file, [core] dagbag_import_timeout


def in_fresh_interpreter(code: str, models: Path | None = None) -> str:
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(REPOSITORY), "HOME": "/tmp"}
    if models is not None:
        environment["PERENNIAL_MODELS"] = str(models)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, env=environment, check=True
    )
    return done.stdout.strip().splitlines()[-1]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_reading_a_dag_file_imports_nothing_heavy(file: Path) -> None:
    code = f"import json, runpy, sys; runpy.run_path({str(file)!r}); print(json.dumps(sorted(sys.modules)))"
    loaded = json.loads(in_fresh_interpreter(code))
    assert [name for name in HEAVY if name in loaded] == []


def test_the_check_would_see_a_heavy_import() -> None:
    loaded = json.loads(in_fresh_interpreter("import json, sys, include.lake; print(json.dumps(sorted(sys.modules)))"))
    assert "pyarrow" in loaded


def test_a_hundred_models_are_read_within_airflows_limit(tmp_path: Path) -> None:
    one = REPOSITORY / "include" / "models" / "flight_delay"
    for number in range(100):
        folder = tmp_path / f"model_{number:03d}"
        folder.mkdir()
        for name in ("model.yaml", "pipeline.py"):
            (folder / name).write_text((one / name).read_text())
        (folder / "contract.yaml").write_text(
            (one / "contract.yaml").read_text().replace("dataset: flights", f"dataset: flights_{number:03d}")
        )
        spec = folder / "model.yaml"
        spec.write_text(spec.read_text().replace("dataset: flights", f"dataset: flights_{number:03d}"))
    code = (
        "import runpy, time\n"
        "begin = time.monotonic()\n"
        f"found = runpy.run_path({str(REPOSITORY / 'dags' / 'train.py')!r})\n"
        "print(time.monotonic() - begin, len(list(found['declared_models']('train'))))"
    )
    seconds, count = in_fresh_interpreter(code, tmp_path).split()
    assert count == "100"
    assert float(seconds) < IMPORT_TIMEOUT_SECONDS
