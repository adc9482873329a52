"""The floor: the pipeline asked row by row in a loop, without a server."""

import json
import time
from pathlib import Path

import pandas as pd
from threadpoolctl import threadpool_limits

from benchmarks.answering.made import MODEL
from include.ledger import Ledger
from include.registry import registry
from include.spec import load_model

SECONDS = 5.0


def per_second(home: Path) -> float:
    """Rows a second of `predict_proba` on DataFrames of one row that are there already."""
    spec, champion = load_model(MODEL), Ledger.open().champion(MODEL)
    assert champion is not None
    pipeline = registry.load(registry.version(MODEL, champion.version))
    records = [json.loads(line) for line in (home / "plain.jsonl").read_text().splitlines()[:100]]
    kinds = dict.fromkeys(spec.features.numeric, float)
    frames = [pd.DataFrame([one], columns=list(spec.features.names)).astype(kinds) for one in records]
    with threadpool_limits(1):
        begin, count = time.perf_counter(), 0
        while time.perf_counter() - begin < SECONDS:
            pipeline.predict_proba(frames[count % len(frames)])
            count += 1
        return count / (time.perf_counter() - begin)
