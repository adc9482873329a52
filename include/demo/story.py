"""The story of the demonstration: it plays the outside world, and the scheduler runs the loop.

The outside world is a source that lands one day after another, some of them broken, some without weather; the clock,
whose Mondays ask for training; and a person who asks for the first training and approves releases. Everything else is
Airflow's doing. What was done is looked up before it is done, so that a second run goes on where the first one stopped.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

from include.demo.flights import load_flights
from include.demo.landing import MARKER, land
from include.demo.progress import Progress
from include.demo.users import Users
from include.errors import NotFound, Outage
from include.incident.roll_back import last_followed
from include.lake.partitions import landing_zone
from include.lake.store import Store
from include.ledger import Ledger, migrate
from include.platform.client import AirflowClient
from include.platform.running import Platform
from include.settings import settings
from include.spec import load_contract

DATASET = "flights"
WEEKLY, ON_DRIFT = "flight_delay", "arrival_delay"  # the one is trained on Mondays, the other when its watch asks
MODELS = (WEEKLY, ON_DRIFT)
FIRST_DAY, TRAINING_DAY, LAST_DAY = date(2013, 1, 1), date(2013, 4, 1), date(2013, 4, 18)
CORRUPT = {
    "2013-02-08": "truncated_file",
    "2013-04-10": "null_in_key",
    # The contract only warns of the weather, so these are admitted: it is the watch that finds them.
    **dict.fromkeys(("2013-04-12", "2013-04-13", "2013-04-14"), "silent_weather"),
    "2013-04-17": "unknown_carrier",
}
READING_TIME = timedelta(seconds=4)  # nobody answers at once; Airflow loses an answer while the task is being parked
PATIENCE = 600.0  # seconds for one part; a release goes through every step of its rollout
ROLL_BACK_REASON = "demonstration: the previous champion serves again"
EARLY_DAGS = (
    "ingest_flights",
    "roll_back",
    f"request_training_{WEEKLY}",
    *(f"{step}_{model}" for model in MODELS for step in ("train", "release")),
)
LATE_DAGS = (
    *(f"{step}_{model}" for model in MODELS for step in ("score", "watch")),
    f"materialise_features_{DATASET}",
    f"check_features_{ON_DRIFT}",
)


def play(platform: Platform, progress: Progress) -> None:
    """Plays the story to its end."""
    migrate(settings().ledger_url)
    with platform.client() as airflow:
        Story(airflow, Ledger.open(), Store.open(settings().lake), platform, progress).tell()


class Story:
    """One telling: the client to ask, the ledger to look things up in."""

    def __init__(
        self, airflow: AirflowClient, ledger: Ledger, lake: Store, platform: Platform, progress: Progress
    ) -> None:
        self._airflow = airflow
        self._ledger = ledger
        self._zone = landing_zone(load_contract(DATASET), lake)
        self._progress = progress
        self._users = Users(WEEKLY, ledger, lake, progress)
        self._told: set[str] = set()
        progress.note("reading the flights of 2013")
        self._flights = load_flights(platform.home.root / "demo")

    def tell(self) -> None:
        """All chapters in order."""
        try:
            self._wait_for_dags()
            self._history()
            self._champions()
            self._weeks()
            self._roll_back()
        finally:
            self._users.leave()
        self._airflow.pause(f"request_training_{WEEKLY}")  # the real clock asks for days that 2013 does not have

    def _wait_for_dags(self) -> None:
        wanted = {*EARLY_DAGS, *LATE_DAGS}
        known: set[str] = set()

        def parsed() -> bool:
            known.update(dag.dag_id for dag in self._airflow.dags())
            return wanted <= known

        if not self._progress.until(parsed, lambda: f"Dags parsed: {len(known)} of {len(wanted)}"):
            broken = "; ".join(
                f"{one.filename}: {one.stack_trace.splitlines()[-1]}" for one in self._airflow.import_errors()
            )
            raise NotFound(f"Dags are missing: {', '.join(sorted(wanted - known))}. Import errors: {broken or 'none'}.")
        self._unpause(EARLY_DAGS)

    def _history(self) -> None:
        self._progress.chapter(f"January to March land: {FIRST_DAY} to {TRAINING_DAY - timedelta(days=1)}")
        keys = [day.isoformat() for day in _days(FIRST_DAY, TRAINING_DAY)]
        for key in keys:
            self._land(key)
        self._until_judged(keys)

    def _champions(self) -> None:
        self._progress.chapter("The first champions are trained, gated, approved and promoted")
        key = TRAINING_DAY.isoformat()
        asset = f"{ON_DRIFT}_training_request"
        self._request(ON_DRIFT, TRAINING_DAY, lambda: self._airflow.announce(asset, partition_key=key))
        self._train(TRAINING_DAY)
        self._unpause(LATE_DAGS)

    def _weeks(self) -> None:
        self._progress.chapter(f"Day by day from {TRAINING_DAY}: admitted, scored, watched; Mondays ask for training")
        keys: list[str] = []
        for day in _days(TRAINING_DAY, LAST_DAY + timedelta(days=1)):
            if day.weekday() == 0 and day != TRAINING_DAY:
                self._until_watched(keys)
                self._progress.chapter(f"Monday {day}: weekly training")
                self._train(day)
            if day < LAST_DAY:
                keys.append(day.isoformat())
                self._land(keys[-1])
                self._until_judged(keys[-1:])
                self._tell_verdicts(keys)
        self._until_watched(keys)
        self._settle()

    def _until_watched(self, keys: list[str]) -> None:
        """Scoring and watch go on beside the landings; before a Monday they are awaited."""
        admitted = [one.key for one in self._ledger.admitted(DATASET, keys[0], keys[-1])]
        self._await("score and watch", lambda: all(self._verdicts(model, admitted) for model in MODELS))
        self._tell_verdicts(keys)

    def _verdicts(self, model: str, keys: list[str]) -> bool:
        return set(keys) <= {one.subject for one in self._ledger.decisions(model, kind="retrain_policy")}

    def _tell_verdicts(self, keys: list[str]) -> None:
        """One line a day: what became of it, as soon as it is known."""
        refused = {one.key: str(one.reason) for one in self._ledger.partitions(DATASET) if one.status == "quarantined"}
        said = {model: {one.subject: one for one in self._ledger.decisions(model, kind="watch")} for model in MODELS}
        for key in keys:
            if key in self._told or not (key in refused or all(key in said[model] for model in MODELS)):
                continue
            self._told.add(key)
            tiers = ", ".join(f"{model} {said[model][key].outcome}" for model in MODELS if key in said[model])
            ending = f"admitted; {tiers}"
            if key in refused:
                ending = "quarantined: " + refused[key].partition("quarantined, ")[2]
            self._progress.note(f"{key} {ending}"[:130])

    def _train(self, day: date) -> None:
        dag_id, key = f"request_training_{WEEKLY}", day.isoformat()
        self._request(WEEKLY, day, lambda: self._airflow.trigger(dag_id, partition_key=key))
        self._settle()

    def _request(self, model: str, day: date, ask: Callable[[], object]) -> None:
        """Asks for a training, unless it is on record. A busy Airflow may fail while it does what it was asked for."""
        if self._requested(model, day):
            return
        try:
            ask()
        except Outage as problem:
            self._progress.note(f"asked again if need be: {problem}"[:130])
            if not self._progress.until(lambda: self._requested(model, day), lambda: "looking for the request", 30):
                ask()
        self._await(f"the request of {model} for {day}", lambda: self._requested(model, day))

    def _settle(self) -> None:
        """Waits until every training that was asked for is judged and every challenger released, and tells the end."""
        self._await("trainings and releases", lambda: all(self._is_settled(model) for model in MODELS))
        for model in MODELS:
            for one in self._ledger.decisions(model, kind="registration"):
                if (told := f"{model} {one.subject}") not in self._told:
                    self._told.add(told)
                    name = f"v{one.subject}" if one.outcome == "registered" else "challenger"
                    self._progress.note(f"{model} {name} {one.outcome}: {one.reason}"[:170])
            champion = self._ledger.champion(model)
            if champion is None:
                raise Outage(f"{model} has no champion: open train_{model} in Airflow to see why, then `make demo`.")
            self._progress.note(f"{model} champion: v{champion.version}")

    def _is_settled(self, model: str) -> bool:
        asked = {one.subject for one in self._ledger.decisions(model, kind="training_request")}
        made = {
            one.subject for one in self._ledger.decisions(model, kind="registration") if one.outcome == "registered"
        }
        return asked <= self._finished(f"train_{model}") and made <= self._finished(f"release_{model}")

    def _finished(self, dag_id: str) -> set[str | None]:
        """Partition keys of the Dag's runs that have ended."""
        return {run.partition_key for run in self._airflow.dag_runs(dag_id) if run.finished}

    def _requested(self, model: str, day: date) -> bool:
        return bool(self._ledger.decisions(model, kind="training_request", subject=day.isoformat()))

    def _roll_back(self) -> None:
        self._progress.chapter(f"Rolling back {WEEKLY}")
        if any(one.reason == ROLL_BACK_REASON for one in self._ledger.deployments(WEEKLY)):
            return
        run = self._airflow.trigger("roll_back", conf={"model": WEEKLY, "reason": ROLL_BACK_REASON})
        self._await("rollback", lambda: self._airflow.dag_run("roll_back", run.run_id).finished)
        champion, followed = self._ledger.deployments(WEEKLY)[-1], last_followed(WEEKLY, self._ledger)
        self._progress.note(f"{WEEKLY}: v{champion.version} is champion again (before: v{champion.replaces})")
        if followed is not None:
            self._progress.note(f"the service since the decision: {followed.sentence}")

    def _land(self, key: str) -> None:
        if not self._zone.exists(f"{key}/{MARKER}"):
            land(self._flights, self._zone.uri, key, CORRUPT.get(key))

    def _until_judged(self, keys: list[str]) -> None:
        def left() -> int:
            judged = self._ledger.judged_fingerprints(DATASET)
            return sum(key not in judged for key in keys)

        def state() -> str:
            return f"admitting: {len(keys) - left()} of {len(keys)} partitions judged"

        if left() and not self._progress.until(lambda: left() == 0, state):
            raise Outage(
                f"{left()} partitions were not judged in time: look at the ingest Dag in Airflow, then `make demo`."
            )
        if len(keys) > 1:
            refused = [one.key for one in self._ledger.partitions(DATASET) if one.status == "quarantined"]
            self._progress.note(f"{len(keys)} partitions judged; quarantined: {', '.join(refused) or 'none'}")

    def _await(self, what: str, done: Callable[[], bool]) -> None:
        def state() -> str:
            if self._users.state:
                return self._users.state
            running = [run for run in self._airflow.dag_runs(limit=30) if run.state == "running"]
            return f"{what}: " + (", ".join(sorted({run.dag_id for run in running})) or "waiting for the scheduler")

        def answered() -> bool:
            self._approve()
            self._users.look()
            return done()

        if not self._progress.until(answered, state, PATIENCE):
            raise Outage(
                f"It took too long: {what}. Look at the running Dags in Airflow, then `make demo` goes on here."
            )

    def _approve(self) -> None:
        for question in self._airflow.questions():
            if datetime.now(UTC) - question.created_at < READING_TIME:
                continue
            self._progress.note(f"a person approves: {question.subject}")
            self._airflow.answer(question, "Approve", params={"reason": "demonstration: gates and metrics look right"})

    def _unpause(self, dag_ids: tuple[str, ...]) -> None:
        for dag_id in dag_ids:
            self._airflow.unpause(dag_id)


def _days(first: date, end: date) -> Iterator[date]:
    while first < end:
        yield first
        first += timedelta(days=1)
