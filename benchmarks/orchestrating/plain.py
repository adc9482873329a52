"""The steps of the train Dag as functions, one after the other in this process. Each function here runs in its own."""

import resource
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from include.contract.admission import admit
from include.demo.flights import load_flights
from include.demo.landing import land
from include.errors import NothingToDo
from include.lake.partitions import landing_zone
from include.spec import load_contract, load_model
from include.steps import STEPS, Result
from include.steps.place import lake, ledger

DATASET = "flights"


def admit_days(first: date, days: int, cache: Path) -> int:
    """Lands and admits consecutive days; gives how many rows they have."""
    contract, store, book = load_contract(DATASET), lake(), ledger()
    flights, zone = load_flights(cache), landing_zone(contract, store)
    rows = 0
    for number in range(days):
        key = (first + timedelta(days=number)).isoformat()
        land(flights, zone.uri, key)
        rows += admit(contract, key, store, book).rows
    return rows


def train(model: str, as_of: str) -> dict[str, float]:
    """Seconds of each stage and of all of it, and the most memory this process ever held."""
    took: dict[str, float] = {}
    begin = time.perf_counter()
    fitted = _timed(took, "fit", lambda: STEPS["fit"].run(model, {"as_of": as_of}))
    run = {"run": str(fitted.facts["run"])}
    gates = [{**run, "gate": gate} for gate in load_model(model).gates.names]
    _timed(took, "evaluate", lambda: STEPS["evaluate"].run(model, dict(run)))
    _timed(took, "gates", lambda: [_or_refused("gate", model, dict(one)) for one in gates])
    _timed(took, "register", lambda: _or_refused("register", model, dict(run)))
    took["all"] = time.perf_counter() - begin
    return {**took, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def _timed(took: dict[str, float], stage: str, work: Callable[[], Any]) -> Any:
    begin = time.perf_counter()
    result = work()
    took[stage] = time.perf_counter() - begin
    return result


def _or_refused(step: str, model: str, arguments: dict[str, str | None]) -> Result | None:
    """A gate that refuses is a normal end, here as in the Dag."""
    try:
        return STEPS[step].run(model, arguments)
    except NothingToDo:
        return None
