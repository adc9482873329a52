"""Labels by prediction id: late, out of order, more than once; the newest word on a prediction holds."""

import time
from typing import Annotated

import msgspec
from msgspec import Meta

from include.serving.prediction_log import PredictionLog
from include.serving.trouble import Trouble

_encode = msgspec.json.Encoder().encode


class Label(msgspec.Struct, forbid_unknown_fields=True):
    """What came true of one prediction: a number, or a class; null takes an earlier label back."""

    prediction_id: Annotated[str, Meta(min_length=3, max_length=200)]
    label: float | Annotated[str, Meta(max_length=1000)] | None


class Labels(msgspec.Struct, forbid_unknown_fields=True):
    """Some labels; each is kept, or none."""

    labels: Annotated[list[Label], Meta(min_length=1, max_length=10_000)]


class Taken(msgspec.Struct):
    """How many labels were kept."""

    taken: int

    def told(self) -> bytes:
        """The body of the answer."""
        return _encode(self)


_decode = msgspec.json.Decoder(Labels).decode


def read(body: bytes | bytearray) -> Labels:
    """The labels of a request's body. Trouble where there are none."""
    try:
        return _decode(body)
    except msgspec.ValidationError as problem:
        raise Trouble(422, str(problem)) from problem
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as problem:
        raise Trouble(400, str(problem)) from problem


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
