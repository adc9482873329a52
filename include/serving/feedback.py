"""Labels by prediction id: late, out of order, more than once; the newest word on a prediction holds."""

import time
from typing import Annotated

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from include.serving.prediction_log import PredictionLog

_encode = msgspec.json.Encoder().encode


class Label(BaseModel):
    """What came true of one prediction: a number, or a class."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    prediction_id: Annotated[str, Field(min_length=3, max_length=200)]
    label: float | str | None = Field(description="null takes an earlier label back")


class Labels(BaseModel):
    """Some labels; each is kept, or none."""

    model_config = ConfigDict(extra="forbid")

    labels: Annotated[list[Label], Field(min_length=1, max_length=10_000)]


class Taken(BaseModel):
    """How many labels were kept."""

    taken: int


class LabelRecord(msgspec.Struct):
    """One label in the log; `at` in seconds since 1970, UTC."""

    prediction_id: str
    label: float | str | None
    at: float


class Feedback:
    """The labels of one model, in a log like that of predictions."""

    def __init__(self, book: PredictionLog) -> None:
        self.book = book

    async def take(self, labels: Labels) -> Taken:
        """Keeps the labels. LogFull where they cannot be kept."""
        at = time.time()
        records = [LabelRecord(one.prediction_id, one.label, at) for one in labels.labels]
        await self.book.keep(b"".join(_encode(one) + b"\n" for one in records))
        return Taken(taken=len(records))
