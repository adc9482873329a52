"""A champion that answers day after day, and labels that come of it, in a lake whose truth is known."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import mlflow
import numpy as np
import pyarrow as pa
from scipy.special import expit

from include.evaluation import evidence
from include.features.matrix import Floats
from include.lake import Store, layout
from include.ledger import Ledger, PartitionRecord, PredictionRecord
from include.spec import ModelSpec
from include.training.predictions import PREDICTION
from tests.declared import admit, publish, spec
from tests.evaluations import held_out

HELD_OUT = 14  # days, the first of January to the fourteenth
FIRST = date(2013, 1, 15)  # the first day the champion answers
MODEL = spec(
    label_delay_days=1, monitoring={"min_rows": 50, "roll_back": True}, gates={"calibration": {"max_error": 0.2}}
)
Draw = Callable[[np.random.Generator, int], Floats]


def key(number: int) -> str:
    """The partition of a day, counted from the first the champion answers."""
    return (FIRST + timedelta(days=number)).isoformat()


def wide(random: np.random.Generator, rows: int) -> Floats:
    """Inputs as the champion knows them."""
    return random.integers(1, 51, rows).astype(np.float64)


def hard(random: np.random.Generator, rows: int) -> Floats:
    """Inputs that are all near the middle, where nobody can tell."""
    return random.integers(23, 29, rows).astype(np.float64)


def chance(bus: Floats) -> Floats:
    """How often a bus is late: what the champion says, and what is true."""
    return np.asarray(expit((bus - 25.5) / 6))


@dataclass(frozen=True)
class Day:
    """One day's rows: inputs, whether each is late, and in which order they land."""

    number: int
    bus: Floats
    late: Floats
    order: list[int] = field(default_factory=list)

    def table(self, known: Floats | None = None) -> pa.Table:
        """The partition; labels of rows that are not `known` are missing."""
        hidden = np.zeros(len(self.bus), bool) if known is None else ~known.astype(bool)
        table = pa.table(
            {
                "at": pa.array(np.arange(len(self.bus)) * 60_000, pa.timestamp("ms")),
                "bus": pa.array(self.bus.astype(np.int64)),
                "line": pa.array(["red"] * len(self.bus)),
                "late": pa.array(self.late * 30, mask=hidden),
                "full": pa.array([True] * len(self.bus)),
                "driver": pa.array(["ann"] * len(self.bus)),
            }
        )
        return table.take(self.order) if self.order else table


def day(number: int, rows: int = 60, draw: Draw = wide, flipped: bool = False) -> Day:
    """A day of this world; flipped, what was likely is unlikely."""
    random = np.random.default_rng(1000 + number)
    bus = draw(random, rows)
    truth = 1 - chance(bus) if flipped else chance(bus)
    return Day(number, bus, (random.random(rows) < truth).astype(np.float64))


@dataclass(frozen=True)
class World:
    """The lake and the ledger, with a champion whose held-out rows are as `chance` says."""

    lake: Store
    ledger: Ledger

    def promote(self, version: str, tracking: str, model: ModelSpec = MODEL) -> None:
        """A version is champion from now on."""
        client = mlflow.MlflowClient(tracking)
        known = client.get_experiment_by_name(model.name)
        run = client.create_run(known.experiment_id if known else client.create_experiment(model.name)).info.run_id
        if not client.search_registered_models():
            client.create_registered_model(model.name)
        client.create_model_version(model.name, f"runs:/{run}/model", run_id=run, tags={"model_hash": "h"})
        self.ledger.record_deployment(
            model.name, version, "h", expected=self.ledger.champion(model.name), action="promote", actor="ann",
            reason="test",
        )  # fmt: skip
        evidence.save(judged(run_id=run), self.lake)

    def land(self, one: Day, known: Floats | None = None) -> PartitionRecord:
        """The day is admitted, with the labels that are known."""
        return admit(key(one.number), self.lake, self.ledger, one.table(known))

    def answer(self, one: Day, record: PartitionRecord, version: str = "1", said: Floats | None = None) -> None:
        """The version's predictions on the partition as it landed, as scoring leaves them."""
        table, path = one.table(), layout.predictions(MODEL.name, record.key, version, str(record.content_hash))
        bus = table["bus"].to_numpy().astype(np.float64)
        answers = {
            "prediction_id": pa.array([f"{record.key}-{row}" for row in range(len(bus))]),
            "at": table["at"],
            "bus": table["bus"],
            "model_version": pa.array([version] * len(bus)),
            PREDICTION: pa.array(chance(bus) if said is None else said),
        }
        publish(self.lake, path, pa.table(answers))
        self.ledger.record_predictions(
            PredictionRecord(
                model=MODEL.name, version=version, key=record.key, content_hash=str(record.content_hash), path=path,
                rows=len(bus),
            )
        )  # fmt: skip

    def live(self, days: range, **how: Any) -> None:
        """Days land with their labels and are answered, one after the other."""
        for number in days:
            one = day(number, **how)
            self.answer(one, self.land(one))


def judged(run_id: str = "run-1", rows: int = 60) -> evidence.Evidence:
    """The champion's evidence: fourteen days in which it knew the chances."""
    random = np.random.default_rng(7)
    bus = wide(random, HELD_OUT * rows)
    target = (random.random(len(bus)) < chance(bus)).astype(np.float64)
    return held_out(target, chance(bus), days=HELD_OUT, run_id=run_id)
