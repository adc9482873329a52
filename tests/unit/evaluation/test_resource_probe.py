"""The resource probe: a fresh process that loads a real file, and every way it can end."""

import hashlib
import json
import math
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline

from include.evaluation import resource_probe, resources, stopwatch
from include.evaluation.resources import BATCH_ROWS, Request, Resources, probe, request_for
from include.registry.model_file import MODEL_FILE
from include.settings import REPOSITORY
from tests.declared import contract, spec

MODEL = spec(contract=contract(keys=["at"]), features={"numeric": ["bus", "full"]})
ROWS = pd.DataFrame({"bus": np.arange(1500.0), "full": np.where(np.arange(1500) % 3 == 0, 0.0, 1.0)})


@pytest.fixture
def stored(tmp_path: Path) -> tuple[Path, str]:
    """A small model in a folder, and its hash."""
    fitted = make_pipeline(LogisticRegression()).fit(ROWS, ROWS["bus"] > 700)
    skops.io.dump(fitted, tmp_path / MODEL_FILE)
    return tmp_path, hashlib.sha256((tmp_path / MODEL_FILE).read_bytes()).hexdigest()


def test_a_fresh_process_says_what_the_model_costs(stored: tuple[Path, str]) -> None:
    costs = probe(request_for(MODEL, *stored, ROWS)).costs
    assert costs is not None
    assert costs.batch_rows == BATCH_ROWS == 1000
    assert 0 < costs.single_p50_ms <= costs.single_p99_ms
    assert 0 < costs.batch_p50_ms <= costs.batch_p99_ms
    assert costs.artifact_mb == pytest.approx((stored[0] / MODEL_FILE).stat().st_size / 1e6)
    assert 20 < costs.libraries_mb <= costs.peak_mb < 5000
    assert costs.load_seconds > 0


def test_a_changed_file_is_not_measured(stored: tuple[Path, str]) -> None:
    found = probe(request_for(MODEL, stored[0], "0" * 64, ROWS))
    assert found.costs is None
    assert found.error is not None
    assert found.error.startswith(
        "the probe ended with 1: include.errors.BadData: the stored model: the model file has"
    )


def test_a_model_that_cannot_answer_is_a_finding(tmp_path: Path) -> None:
    fitted = make_pipeline(LinearRegression()).fit(ROWS, ROWS["bus"])
    skops.io.dump(fitted, tmp_path / MODEL_FILE)
    digest = hashlib.sha256((tmp_path / MODEL_FILE).read_bytes()).hexdigest()
    found = probe(request_for(MODEL, tmp_path, digest, ROWS))
    assert found.error == "the probe ended with 1: AttributeError: This 'Pipeline' has no attribute 'predict_proba'"
    regression = spec(task="regression", target={"column": "late"}, features={"numeric": ["bus", "full"]})
    assert probe(request_for(regression, tmp_path, digest, ROWS)).error is None


def test_a_probe_that_does_not_end_is_a_finding(stored: tuple[Path, str]) -> None:
    found = probe(request_for(MODEL, *stored, ROWS), timeout_seconds=0.01)
    assert found == Resources(error="the probe did not end in 0.01 s")


@pytest.mark.parametrize(
    ("body", "ending"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "the probe was ended by signal 9: it said nothing"),
        ("raise SystemExit(3)", "the probe ended with 3: it said nothing"),
        ("raise MemoryError('no room')", "the probe ended with 1: MemoryError: no room"),
    ],
)
def test_how_a_probe_ended_is_told(
    body: str, ending: str, stored: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another package in the place of ours, whose probe ends in its own way."""
    for package in ("include", "include/evaluation"):
        tmp_path.joinpath(package).mkdir()
        tmp_path.joinpath(package, "__init__.py").touch()
    tmp_path.joinpath("include/evaluation/resource_probe.py").write_text(body)
    monkeypatch.setattr(resources, "REPOSITORY", tmp_path)
    monkeypatch.chdir(tmp_path)
    assert probe(request_for(MODEL, *stored, ROWS)).error == ending


def test_a_request_survives_its_file_and_gives_the_rows_of_a_feature_frame() -> None:
    model = spec(features={"numeric": ["bus", "full"], "categorical": ["line"], "float32": ["full"]})
    rows = pd.DataFrame(
        {
            "bus": [1.0, 2.5, 3.0],
            "full": np.array([np.nan, 1, 0], np.float32),
            "line": np.array(["red", None, "blue"], dtype=object),
        }
    )
    made = request_for(model, Path("place"), "h", rows)
    assert json.loads(made.model_dump_json())["numeric"]["full"] == [None, 1.0, 0.0]
    again = Request.model_validate_json(made.model_dump_json())
    assert again.rows == 3
    pd.testing.assert_frame_equal(again.frame(0, 3), rows)
    pd.testing.assert_frame_equal(again.frame(1, 2), rows[1:2].reset_index(drop=True))


def test_memory_is_that_of_this_process_and_its_peak_no_less() -> None:
    before = resource_probe.memory("VmHWM")
    block = np.ones(20_000_000)
    now, peak = resource_probe.memory("VmRSS"), resource_probe.memory("VmHWM")
    del block
    assert now > 160
    assert peak > max(now, before) - 2  # the kernel counts in batches
    assert resource_probe.memory("VmHWM") > peak - 2
    assert resource_probe.memory("VmRSS") < now - 100


def test_quantiles_are_of_the_rows_that_were_asked(monkeypatch: pytest.MonkeyPatch, stored: tuple[Path, str]) -> None:
    """A clock by which each call takes 1 ms more: the load, 300 single rows, then 30 batches. A tenth is in line."""
    ticks = iter(np.cumsum(np.repeat(np.arange(1000), 2) * np.tile([0, 1e-3], 1000)))
    waits = iter(np.cumsum(np.repeat(np.arange(1000), 2) * np.tile([0, 1e-4], 1000)))
    monkeypatch.setattr(stopwatch, "time", SimpleNamespace(perf_counter=lambda: float(next(ticks))))
    monkeypatch.setattr(stopwatch.Stopwatch, "_in_line", lambda _: float(next(waits)))
    costs = resource_probe.measure(request_for(MODEL, *stored, ROWS))
    assert costs.single_p50_ms == pytest.approx(0.9 * 150.5, abs=0.1)
    assert costs.single_p99_ms == pytest.approx(0.9 * 297, abs=1)
    assert costs.batch_p50_ms == pytest.approx(0.9 * 315.5, abs=0.1)
    assert costs.batch_p99_ms == pytest.approx(0.9 * 329.7, abs=0.1)
    assert costs.waited_share == pytest.approx(0.1)
    assert not math.isnan(costs.load_seconds)


def test_the_probe_imports_no_tracking_client_and_no_ledger() -> None:
    """What a server does not need must not be measured: MLflow alone would add half as much memory again."""
    code = "import sys, include.evaluation.resource_probe; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert {"sklearn", "pandas", "skops"} <= loaded
    assert not loaded & {"mlflow", "sqlalchemy", "matplotlib", "great_expectations", "optuna"}
