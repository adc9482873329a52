"""`python -m include.demo.canary`: the contract and the gates at work on a few days, in a folder that is thrown away.

Nothing but an MLflow server is started, and the steps are those of the Dags. It ends with 0 only if good days are
admitted and a broken one is not, a model that learns passes its gates, and one that learns nothing is refused.
"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import httpx
import yaml

from include.cli import train
from include.demo.flights import load_flights
from include.demo.landing import land
from include.demo.progress import Progress
from include.errors import BadData, NothingToDo, Outage, PerennialError
from include.lake.partitions import landing_zone
from include.ledger import migrate
from include.platform.ending import end
from include.platform.environment import environment, mlflow_url
from include.platform.home import Choices, Home
from include.platform.ports import free_port
from include.platform.processes import find, spawn
from include.platform.servers import MLFLOW, mlflow_server
from include.platform.tail import tail
from include.settings import REPOSITORY, settings
from include.spec import load_contract
from include.steps import STEPS
from include.steps.place import lake, ledger

DATASET, MODEL = "flights", "flight_delay"
FIRST_DAY, DAYS = date(2013, 1, 1), 22
AS_OF = (FIRST_DAY + timedelta(days=DAYS)).isoformat()
BROKEN_KEY, BREAKAGE = "2013-01-09", "null_in_key"
LEARNS_NOTHING = {"learning_rate": 0.0001, "max_iter": 1}
MUST_REFUSE = {"champion_comparison", "not_degenerate"}
START_SECONDS = 300.0  # a busy machine takes its time
FOREIGN = ("AIRFLOW", "AWS_", "MLFLOW", "PERENNIAL")


class Broken(PerennialError):
    """The contract or a gate let through what it should have stopped, or stopped what is good."""


def main() -> int:
    """Runs the canary and says how it ended."""
    progress = Progress()
    with tempfile.TemporaryDirectory(prefix="perennial-canary-") as folder:
        try:
            with _installation(Home.at(folder), progress):
                _contract(progress)
                _gates(progress)
        except PerennialError as problem:
            print(f"\n{problem}", file=sys.stderr)
            return problem.exit_code
    progress.chapter("Contract and gates hold")
    return 0


@contextmanager
def _installation(home: Home, progress: Progress) -> Iterator[None]:
    """A lake, a ledger, a copy of the models and an MLflow server of our own; nothing else can be reached."""
    home.make()
    choices = Choices(mlflow_port=free_port())
    for name in [name for name in os.environ if name.startswith(FOREIGN)]:
        del os.environ[name]
    os.environ.update(environment(home, choices))
    models = home.root / "models"
    shutil.copytree(REPOSITORY / "include" / "models", models, ignore=shutil.ignore_patterns("__pycache__"))
    os.environ["PERENNIAL_MODELS"] = str(models)
    spawn(home, mlflow_server(home, choices), os.environ)
    try:
        migrate(settings().ledger_url)
        _await_mlflow(home, choices)
        yield
    finally:
        end(home, (MLFLOW,), progress.note)


def _await_mlflow(home: Home, choices: Choices) -> None:
    deadline = time.monotonic() + START_SECONDS
    with httpx.Client(timeout=5, trust_env=False) as client:
        while find(home, MLFLOW) and time.monotonic() < deadline:
            try:
                if client.get(f"{mlflow_url(choices)}/health").is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.2)
    raise Outage(f"MLflow did not start in {START_SECONDS:.0f} s. {tail(home.log_of(MLFLOW))}")


def _contract(progress: Progress) -> None:
    progress.chapter(f"{DAYS} days land, {BROKEN_KEY} with {BREAKAGE}")
    zone, flights = landing_zone(load_contract(DATASET), lake()).uri, load_flights(Path(os.environ["PERENNIAL_HOME"]))
    keys = [(FIRST_DAY + timedelta(days=day)).isoformat() for day in range(DAYS)]
    for key in keys:
        land(flights, zone, key, BREAKAGE if key == BROKEN_KEY else None)
    found = STEPS["find"].run(DATASET, {})
    _require([one["key"] for one in found.each] == keys, f"Landed were {', '.join(keys)}; {found.sentence}")
    refused = [key for key in keys if not _is_admitted(key, progress)]
    _require(refused == [BROKEN_KEY], f"Quarantined were {refused or 'none'}, required: {BROKEN_KEY} alone")
    progress.note(f"{len(keys) - len(refused)} of {len(keys)} days admitted")


def _is_admitted(key: str, progress: Progress) -> bool:
    try:
        STEPS["admit"].run(DATASET, {"key": key})
    except BadData as refusal:
        progress.note(str(refusal).split(" Evidence: ", maxsplit=1)[0])
        return False
    return True


def _gates(progress: Progress) -> None:
    progress.chapter(f"A model that learns, as of {AS_OF}")
    _require(_registered(progress), f"{MODEL} was refused as of {AS_OF}; required: every gate passes")
    for step in ("smoke-test", "stage", "check-service", "load-test"):  # the first version asks no service
        progress.note(STEPS[step].run(MODEL, {"version": "1"}).sentence)
    progress.note(STEPS["promote"].run(MODEL, {"version": "1", "reason": "canary", "actor": "canary"}).sentence)
    progress.chapter("A model that learns nothing, against that champion")
    _declare(LEARNS_NOTHING)
    _require(not _registered(progress), f"{MODEL} with {LEARNS_NOTHING} passed its gates; required: a refusal")
    newest = {one.subject.partition("/")[2]: one.outcome for one in ledger().decisions(MODEL, kind="gate")}
    refusing = {gate for gate, outcome in newest.items() if outcome == "fail"}
    _require(refusing >= MUST_REFUSE, f"Refused by {sorted(refusing) or 'none'}, required: {sorted(MUST_REFUSE)}")


def _registered(progress: Progress) -> bool:
    """Whether the challenger passed every gate; prints what each one said."""
    try:
        said, passed = train(MODEL, AS_OF, "canary"), True
    except NothingToDo as refusal:
        said, passed = str(refusal), False
    for line in said.splitlines():
        progress.note(line)
    return passed


def _declare(parameters: dict[str, float]) -> None:
    """Gives the model other parameters, as its owner would."""
    file = settings().models_dir / MODEL / "model.yaml"
    declared = yaml.safe_load(file.read_text(encoding="utf-8"))
    declared["training"]["parameters"] = parameters
    file.write_text(yaml.safe_dump(declared), encoding="utf-8")


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise Broken(what)


if __name__ == "__main__":
    raise SystemExit(main())
