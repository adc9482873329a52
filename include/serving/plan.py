"""A model as data: what it takes to answer without its pipeline. Numbers and words, no code.

A plan is made once per version by a process that has the libraries (`prepare`), and read by workers that have none
of them (`compiled`).
"""

from typing import Literal

import msgspec

FORM = 2  # raised when a reader of today's plans could not read tomorrow's

Value = float | str | None
"""What a feature is for a model: a number (NaN where missing), or a word (None where missing)."""
Link = Literal["identity", "exp", "logistic", "softmax"]


class Column(msgspec.Struct, frozen=True):
    """One column of the matrix an estimator gets, from the feature at place `source`.

    A word becomes `words[word]`, another one `unknown`, a missing one `missing`. A missing number becomes `missing`.
    What comes of it is shifted and scaled: (x - offset) / scale.
    """

    source: int
    words: dict[str, float] | None = None
    missing: float = float("nan")
    unknown: float = float("nan")
    offset: float = 0.0
    scale: float = 1.0


class Tree(msgspec.Struct, frozen=True, array_like=True):
    """A binary tree as parallel lists; node 0 is the root, a leaf has feature -1.

    Up to its threshold a value goes left; a missing one goes left where `missing_left` says so.
    """

    feature: list[int]
    threshold: list[float]
    missing_left: list[bool]
    left: list[int]
    right: list[int]
    value: list[float]


class Forest(msgspec.Struct, frozen=True, tag="forest"):
    """For each output the sum of its trees in their order, on top of its baseline."""

    baseline: list[float]
    trees: list[list[Tree]]


class Linear(msgspec.Struct, frozen=True, tag="linear"):
    """For each output an intercept and a weight per column."""

    intercepts: list[float]
    weights: list[list[float]]


class Bend(msgspec.Struct, frozen=True):
    """A recalibration: `sigmoid` with intercept and slope per curve, `isotonic` with knots and their values."""

    method: Literal["sigmoid", "isotonic"]
    curves: list[list[list[float]]]


class Computation(msgspec.Struct, frozen=True):
    """From the features to the answer: columns, body, link, and recalibration if there is one.

    `places` are the outputs' places among so many `classes` of the target; both empty where the answer is one number.
    """

    columns: list[Column]
    body: Forest | Linear
    link: Link
    bend: Bend | None = None
    places: list[int] = []
    classes: int = 0


class Sample(msgspec.Struct, frozen=True, array_like=True):
    """A row of features, and what the registered pipeline says of it."""

    row: list[Value]
    said: list[float]


class Plan(msgspec.Struct, frozen=True):
    """One version, ready to be loaded by a worker.

    `features` are those it was trained on, in their order, with `words` those that are words and `float32` those held
    in 32 bits; `windows` are the declarations of its window features, as JSON. `classes` are the names of the target's
    classes, of a multiclass model alone. `refuses_missing` and `known_words` say for which features the pipeline itself
    raises on a missing value, and on words but these. Without a `computation`, the pipeline itself answers, and the
    `reason` says why.
    """

    model: str
    version: str
    model_hash: str
    task: str
    features: list[str]
    words: list[str]
    float32: list[str]
    classes: list[str]
    refuses_missing: list[str]
    known_words: dict[str, list[str]]
    computation: Computation | None
    reason: str
    difference: float
    samples: list[Sample]
    windows: dict[str, str] = {}
    form: int = FORM


_encoder, _decoder = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(Plan)


def write(plan: Plan) -> bytes:
    """The plan as bytes; NaN survives."""
    return _encoder.encode(plan)


def read(content: bytes) -> Plan:
    """The plan back. msgspec.DecodeError where the bytes are none, or of another form."""
    plan = _decoder.decode(content)
    if plan.form != FORM:
        raise msgspec.DecodeError(f"form {plan.form}, this code reads form {FORM}")
    return plan
