"""`python -m include.demo.compose`: the whole loop once, on the running compose stack.

It plays the outside world: it lands flights in the store through the published port, and asks and approves over
Airflow's REST interface. What was done is looked up before it is done, so that it can be started again.
"""

import os
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from include.client import ModelClient
from include.demo.flights import day as flights_of
from include.demo.flights import load_flights
from include.demo.landing import MARKER, land
from include.demo.progress import Progress
from include.errors import NotFound, Outage, PerennialError
from include.lake.store import Store
from include.platform.client import AirflowClient
from include.platform.home import Home
from include.platform.records import DagRun, TaskInstance
from include.settings import REPOSITORY
from include.spec import load_model
from include.traffic import Request, Traffic, requests

DATASET, MODEL, USER = "flights", "flight_delay", "admin"
FIRST_DAY, LIVE_DAY = date(2013, 1, 1), date(2013, 2, 27)  # what lands before the live day is history
FIRST_TRAINING, SECOND_TRAINING = date(2013, 1, 23), date(2013, 3, 4)  # the second learns from three times the days
CORRUPT = {"2013-02-08": "truncated_file"}
EARLY_DAGS = (
    f"ingest_{DATASET}",
    "roll_back",
    *(f"{step}_{MODEL}" for step in ("request_training", "train", "release")),
)
LATE_DAGS = (f"score_{MODEL}", f"watch_{MODEL}")  # there is nothing to score with before the first champion
ENDED = frozenset({"success", "failed", "skipped"})
PATIENCE = 900.0  # seconds for one part of the loop; a busy machine needs a multiple of an idle one
READING_TIME = timedelta(seconds=4)  # nobody answers at once; Airflow loses an answer while the task is being parked
RATE = 50.0  # requests in a second: the steps of the rollout have to fill
ROLL_BACK_REASON = "demonstration: the previous champion serves again"


def main() -> int:
    """Drives the loop once and says what happened."""
    progress = Progress()
    try:
        env = stack_settings(REPOSITORY / ".env")
        os.environ.update(store_variables(env))
        zone = Store.open(f"s3://{env.get('PERENNIAL_BUCKET', 'perennial')}/lake/landing/{DATASET}")
        address = f"http://127.0.0.1:{env.get('AIRFLOW_PORT', '8080')}"
        service = f"http://127.0.0.1:{env.get('SERVICE_PORT', '8800')}"
        with (
            AirflowClient(address, USER, env["AIRFLOW_ADMIN_PASSWORD"]) as airflow,
            ModelClient(service, MODEL, key=env["SERVICE_KEY"], tries=1) as model,
        ):
            Loop(airflow, model, zone, progress).drive()
    except PerennialError as problem:
        print(f"\n{problem}", file=sys.stderr)
        return problem.exit_code
    return 0


class Loop:
    """One turn of the loop, twice trained so that there is a champion to return to."""

    def __init__(self, airflow: AirflowClient, model: ModelClient, zone: Store, progress: Progress) -> None:
        self._airflow, self._model, self._zone, self._progress = airflow, model, zone, progress
        self._flights = load_flights(Home.at().root / "demo")

    def drive(self) -> None:
        """All parts in order."""
        wanted = {*EARLY_DAGS, *LATE_DAGS}
        self._await("Dags being read", lambda: wanted <= {dag.dag_id for dag in self._airflow.dags()})
        self._unpause(EARLY_DAGS)
        self._ingest(FIRST_DAY, LIVE_DAY)
        self._train(FIRST_TRAINING)
        self._unpause(LATE_DAGS)
        self._ingest(LIVE_DAY, SECOND_TRAINING)
        self._watch(LIVE_DAY, SECOND_TRAINING)
        with Traffic(self._model, self._asked(), RATE, labels=True) as users:
            self._train(SECOND_TRAINING)
            self._roll_back()
        for line in users.told.splitlines():
            self._progress.note(line)
        self._airflow.pause(f"request_training_{MODEL}")  # the real clock asks for days that 2013 does not have

    def _asked(self) -> list[Request]:
        """What users ask while the second version is on its way to them."""
        return requests(load_model(MODEL), flights_of(self._flights, LIVE_DAY.isoformat()))

    def _unpause(self, dag_ids: tuple[str, ...]) -> None:
        for dag_id in dag_ids:
            self._airflow.unpause(dag_id)

    def _ingest(self, first: date, end: date) -> None:
        keys = [(first + timedelta(days=day)).isoformat() for day in range((end - first).days)]
        self._progress.chapter(f"{len(keys)} days land: {keys[0]} to {keys[-1]}")
        for key in keys:
            if not self._zone.exists(f"{key}/{MARKER}"):
                land(self._flights, self._zone.uri, key, CORRUPT.get(key))
        self._await("verdicts", lambda: self._judged().keys() >= set(keys))
        refused = [key for key, state in self._judged().items() if state == "failed" and key in keys]
        self._progress.note(f"judged; quarantined: {', '.join(map(str, refused)) or 'none'}")

    def _judged(self) -> dict[str | None, str | None]:
        """Partition key -> how its last task ended; asset events cannot always be read: see docs/traps.md."""
        runs = reversed(self._airflow.dag_runs(f"ingest_{DATASET}"))
        tasks = [task for run in runs for task in self._airflow.task_instances(run.dag_id, run.run_id)]
        return {
            task.rendered_map_index: task.state
            for task in tasks
            if task.task_id == "admit_partition" and task.state in ENDED
        }

    def _train(self, day: date) -> None:
        key = day.isoformat()
        self._progress.chapter(f"Training as of {key}, and the release of what it makes")
        if not (known := self._run(f"train_{MODEL}", key)):
            self._airflow.trigger(f"request_training_{MODEL}", partition_key=key)
        elif known.state == "failed":
            self._airflow.clear(known.dag_id, known.run_id, only_failed=True)
        register = self._tell(self._finished_run(f"train_{MODEL}", key), "register")
        if register.state == "success":
            version = self._airflow.xcom(register)["version"]
            self._tell(self._finished_run(f"release_{MODEL}", version), "promote")

    def _watch(self, first: date, end: date) -> None:
        self._progress.chapter("The champion scores each day and is watched")
        for key in [(first + timedelta(days=day)).isoformat() for day in range((end - first).days)]:
            self._tell(self._finished_run(f"watch_{MODEL}", key), "assess")

    def _roll_back(self) -> None:
        self._progress.chapter("Rolling back")
        asked = {"model": MODEL, "reason": ROLL_BACK_REASON}
        run = next(
            (one for one in self._airflow.dag_runs("roll_back") if asked.items() <= (one.conf or {}).items()), None
        )
        run = run or self._airflow.trigger("roll_back", conf=asked)
        self._await("rollback", lambda: self._airflow.dag_run(run.dag_id, run.run_id).finished)
        self._tell(run, "roll_back")

    def _run(self, dag_id: str, key: str) -> DagRun | None:
        return next((run for run in self._airflow.dag_runs(dag_id) if run.partition_key == key), None)

    def _finished_run(self, dag_id: str, key: str) -> DagRun:
        found: list[DagRun] = []

        def finished() -> bool:
            found[:] = [run for run in (self._run(dag_id, key),) if run and run.finished]
            return bool(found)

        self._await(f"{dag_id} {key}", finished)
        return found[0]

    def _tell(self, run: DagRun, task_id: str) -> TaskInstance:
        """What a task of a finished run said; an Outage where the run failed before it."""
        tasks = self._airflow.task_instances(run.dag_id, run.run_id)
        task = next(one for one in tasks if one.task_id == task_id)
        try:
            self._progress.note(str(self._airflow.xcom(task, "sentence")))
        except NotFound:
            failed = ", ".join(one.task_id for one in tasks if one.state == "failed") or "nothing"
            raise Outage(f"{run.dag_id} {run.partition_key or ''}: {task_id} {task.state}, {failed} failed.") from None
        return task

    def _await(self, what: str, done: Callable[[], bool]) -> None:
        def state() -> str:
            running = {run.dag_id for run in self._airflow.dag_runs(limit=30) if run.state == "running"}
            return f"{what}: {', '.join(sorted(running)) or 'waiting for the scheduler'}"

        def answered() -> bool:
            self._approve()
            return done()

        if not self._progress.until(answered, state, PATIENCE):
            raise Outage(
                f"It took too long: {what}. Look at the running Dags in Airflow; started again, it goes on here."
            )

    def _approve(self) -> None:
        for question in self._airflow.questions():
            if datetime.now(UTC) - question.created_at >= READING_TIME:
                self._progress.note(f"a person approves: {question.subject}")
                self._airflow.answer(question, "Approve", params={"reason": "demonstration"})


def stack_settings(path: Path) -> dict[str, str]:
    """The settings of the stack; variables of this process win, as they do for Compose."""
    if not path.exists():
        raise NotFound(f"There is no {path}: start the stack with `make compose-up`.")
    pairs = (line.partition("=") for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return {**{name.strip(): value.strip() for name, equals, value in pairs if equals}, **os.environ}


def store_variables(env: dict[str, str]) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{env.get('OBJECT_STORE_PORT', '9000')}",
        "AWS_ACCESS_KEY_ID": "perennial:perennial",
        "AWS_SECRET_ACCESS_KEY": env["OBJECT_STORE_SECRET_KEY"],
        "AWS_DEFAULT_REGION": "us-east-1",
    }


if __name__ == "__main__":
    raise SystemExit(main())
