"""The users of the demonstration: they ask while a version is on its way to them, and what becomes of it is told."""

import os
from itertools import pairwise

from include.client import ModelClient
from include.demo.progress import Progress
from include.lake.store import Store
from include.ledger import Ledger, Rollout
from include.release import looking
from include.release.rollout import IN_SIGHT, Step
from include.release.verdict import Verdict
from include.settings import settings
from include.spec import load_model
from include.traffic import Traffic, replayed

RATE = 100.0  # requests in a second: a step at 5 % takes twenty seconds, and two cores have room for Airflow
STEPS = ("shadow", "canary")


class Users:
    """Flights of the newest day, asked about for as long as a version is in their sight."""

    def __init__(self, model: str, ledger: Ledger, lake: Store, progress: Progress) -> None:
        self._model, self._ledger, self._lake, self._progress = model, ledger, lake, progress
        self._traffic: Traffic | None = None
        self._known = ledger.rollouts(model)

    def look(self) -> None:
        """Tells what happened since the last look; users come with the approval and leave with the promotion."""
        state, changes = self._ledger.rollout(self._model), self._ledger.rollouts(self._model)
        wanted = state is not None and state.stage in IN_SIGHT and self._ledger.champion(self._model) is not None
        if wanted and self._traffic is None:
            self._come()
        for before, after in pairwise(changes):
            if after not in self._known and self._traffic:
                self._tell(before, after)
        self._known = changes
        if not wanted:
            self.leave()

    def leave(self) -> None:
        """They stop asking, and it is told who answered them."""
        if self._traffic is not None:
            self._traffic.stop()
            for line in self._traffic.told.splitlines():
                self._progress.note(line)
            self._traffic = None

    @property
    def state(self) -> str:
        """Where the version stands, in a word or two; empty where none is on its way."""
        state = self._ledger.rollout(self._model) if self._traffic else None
        if self._traffic is None or state is None:
            return ""
        answers = ", ".join(f"v{version} {count}" for version, count in sorted(self._traffic.seen.items()))
        return f"v{state.version} {_where(state)}; answers so far: {answers}"

    def _come(self) -> None:
        spec, key = load_model(self._model), os.environ.get("PERENNIAL_SERVICE_KEY")
        client = ModelClient(settings().service, self._model, key=key, tries=1)
        self._traffic = Traffic(client, replayed(spec, None, self._lake, self._ledger), RATE, labels=True)
        self._traffic.start()
        self._progress.note(f"users ask {self._model} {RATE:g} times a second, and tell later what came true")

    def _tell(self, before: Rollout, after: Rollout) -> None:
        if before.stage in STEPS and (before.stage, before.share) != (after.stage, after.share):
            self._tell_verdict(before)
        self._progress.note(f"{self._model} v{after.version}: {_where(after)}")

    def _tell_verdict(self, state: Rollout) -> None:
        """The numbers on which a step was left."""
        path = looking.place(state, Step(state.stage, state.share)).replace(".html", ".json")
        if not self._lake.exists(path):  # a person let it past before anybody looked
            return
        verdict = Verdict.model_validate_json(self._lake.read_bytes(path))
        self._progress.note(f"  verdict: {verdict.decision}, {verdict.sentence}")
        for one in verdict.findings:
            self._progress.note(f"  {one.question}: {one.told}")


def _where(state: Rollout) -> str:
    if state.stage == "canary":
        return f"canary, answers {state.share:.0%} of the entities"
    if state.stage == "shadow":
        return "shadow, answers beside the champion, to nobody"
    return f"stopped: {state.reason}" if state.stage == "stopped" else state.stage
