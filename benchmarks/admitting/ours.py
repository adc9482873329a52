"""Admission as it is: staging, contract, profile, hash, Data Docs, publishing, the ledger's row."""

import json
import os
from collections.abc import Callable
from pathlib import Path

from benchmarks.admitting.partition import KEY, contract
from include.contract import admit, data_docs, expectations
from include.lake import Store
from include.ledger import Ledger, migrate

__all__ = ["data_docs", "expectations", "prepared"]  # both are imported before the clock starts


def prepared(file: Path, folder: Path) -> Callable[[], dict[str, int]]:
    """What is to be timed: an empty lake and ledger are there, and the file has landed."""
    url = f"sqlite:///{folder}/ledger.db"
    migrate(url)
    store, book = Store.open(str(folder / "lake")), Ledger.open(url)
    landing = folder / "lake" / "landing" / "bench" / KEY
    landing.mkdir(parents=True)
    os.link(file, landing / "part-0.parquet")
    (landing / "_SUCCESS").touch()

    def judge() -> dict[str, int]:
        found = admit(contract(), KEY, store, book)
        docs = json.loads((folder / "lake" / str(found.evidence)).with_suffix(".json").read_text())
        return {"rows": found.rows, "rules": docs["statistics"]["evaluated_expectations"]}

    return judge
