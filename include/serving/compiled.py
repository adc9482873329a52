"""A plan becomes a Python function: every tree nested comparisons of local variables, every category a dictionary.

For one row this is faster than any library that takes arrays: there is no array. Trees of 31 leaves cost about 0.1
microseconds each; numbers are compared and added as doubles in the order scikit-learn does it.
"""

import math
import struct
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from include.serving.plan import Bend, Column, Computation, Forest, Linear, Tree, Value

Row = Sequence[Value]
Answer = Callable[[Row], list[float]]
Scope = dict[str, object]

TREES_AT_ONCE = 10  # compiled in one go: some milliseconds, in which no other request moves
EPSILON = 2.220446049250313e-16  # what include.training.log_odds keeps probabilities from 0 and 1 by
TWO = 2


def compiled(computation: Computation, features: int, float32: Sequence[int] = ()) -> Answer:
    """The function of one row, its features in the plan's order: one number, or one probability per output.

    RecursionError, MemoryError or SyntaxError where a tree is too deep for Python's compiler.
    """
    columns, parts = _columns(computation.columns, features, float32), _parts(computation)
    baselines = computation.body.baseline if isinstance(computation.body, Forest) else computation.body.intercepts
    finish = _finish(computation)

    def answer(row: Row) -> list[float]:
        raw, cells = baselines, columns(row)
        for part in parts:
            raw = part(cells, raw)
        return finish(raw)

    return answer


Cells = tuple[float, ...]
Part = Callable[[Cells, list[float]], list[float]]


def _columns(columns: Sequence[Column], features: int, float32: Sequence[int]) -> Callable[[Row], Cells]:
    """One function: from the features as local variables to the columns that the estimator gets."""
    scope: Scope = {"nan": math.nan, "inf": math.inf, "_single": _single}
    names = ", ".join(f"v{source}" for source in range(features))
    made = "".join(f"{_column(place, column, float32, scope)}, " for place, column in enumerate(columns))
    return _function(f"def made(cells):\n    [{names}] = cells\n    return ({made})\n", scope)


def _parts(computation: Computation) -> list[Part]:
    """Functions that add to the raw outputs, each a bounded piece of the model."""
    body, count = computation.body, len(computation.columns)
    if isinstance(body, Linear):
        sums = [[(f"{weight!r} * x{place}") for place, weight in enumerate(weights)] for weights in body.weights]
        return [_part(set(range(count)), count, [_sum(output, terms) for output, terms in enumerate(sums)])]
    grouped: list[Part] = []
    rounds = max(len(trees) for trees in body.trees)
    at_once = max(1, TREES_AT_ONCE // len(body.trees))
    for first in range(0, rounds, at_once):
        chosen = [trees[first : first + at_once] for trees in body.trees]
        used = {place for trees in chosen for tree in trees for place in tree.feature if place >= 0}
        lines = [_sum(output, [_expression(tree) for tree in trees]) for output, trees in enumerate(chosen)]
        grouped.append(_part(used, count, lines))
    return grouped


def _sum(output: int, terms: Sequence[str]) -> str:
    return "".join(f"    s{output} += {term}\n" for term in terms)


def _part(used: set[int], columns: int, lines: list[str]) -> Part:
    """One function: the columns it uses as local variables, and the sums."""
    names = ", ".join(f"x{place}" if place in used else "_" for place in range(columns))
    outputs = ", ".join(f"s{output}" for output in range(len(lines)))
    code = (
        f"def made(cells, raw):\n    [{names}] = cells\n    [{outputs}] = raw\n{''.join(lines)}    return [{outputs}]\n"
    )
    return _function(code, {"nan": math.nan, "inf": math.inf})


def _function(code: str, scope: Scope) -> Callable[..., Any]:
    exec(compile(code, "<plan>", "exec"), scope)  # noqa: S102 - numbers and our own names alone; words are in `scope`
    return scope["made"]  # type: ignore[return-value]


def _column(place: int, column: Column, float32: Sequence[int], scope: Scope) -> str:
    value = f"v{column.source}"
    if column.words is not None:
        words: dict[str | None, float] = {None: column.missing}
        words.update(column.words)
        scope[f"w{place}"] = words.get
        value = f"w{place}({value}, {column.unknown!r})"
    elif column.source in float32:
        value = f"_single({value})"
    if column.words is None and not math.isnan(column.missing):
        value = f"({value} if {value} == {value} else {column.missing!r})"
    if column.offset != 0.0 or column.scale != 1.0:
        value = f"({value} - {column.offset!r}) / {column.scale!r}"
    return value


def _single(value: float) -> float:
    """The nearest number that 32 bits hold."""
    return float(struct.unpack("f", struct.pack("f", value))[0])


def _expression(tree: Tree, node: int = 0) -> str:
    """A tree as one expression. `not (x > t)` is true of what is missing, `x <= t` is not."""
    if tree.feature[node] < 0:
        return repr(tree.value[node])
    name, limit = f"x{tree.feature[node]}", repr(tree.threshold[node])
    goes_left = f"not {name} > {limit}" if tree.missing_left[node] else f"{name} <= {limit}"
    return f"({_expression(tree, tree.left[node])} if {goes_left} else {_expression(tree, tree.right[node])})"


def _finish(computation: Computation) -> Callable[[list[float]], list[float]]:
    """From raw outputs to the answer: link, then recalibration, then the classes in the target's order."""
    steps = [_LINKS[computation.link]]
    if computation.bend is not None:
        steps.append(_bent(computation.bend))
    if computation.places:
        steps.append(_placed(computation.places, computation.classes))

    def finish(raw: list[float]) -> list[float]:
        for step in steps:
            raw = step(raw)
        return raw

    return steps[0] if len(steps) == 1 else finish


def _logistic(raw: list[float]) -> list[float]:
    return [sigmoid(raw[0])]


def sigmoid(x: float) -> float:
    """1 / (1 + e^-x), of any size of x."""
    if x >= 0:
        return 1.0 / (1.0 + math.exp(-x))
    grown = math.exp(x)
    return grown / (1.0 + grown)


def _softmax(raw: list[float]) -> list[float]:
    top = max(raw)
    grown = [math.exp(one - top) for one in raw]
    total = sum(grown)
    return [one / total for one in grown]


_LINKS: dict[str, Callable[[list[float]], list[float]]] = {
    "identity": lambda raw: raw,
    "exp": lambda raw: [math.exp(one) for one in raw],
    "logistic": _logistic,
    "softmax": _softmax,
}


def _bent(bend: Bend) -> Callable[[list[float]], list[float]]:
    """The curves of include.training.recalibration, for one row."""
    curves = [_CURVES[bend.method](curve) for curve in bend.curves]

    def one(said: list[float]) -> list[float]:
        return [curves[0](said[0])]

    def several(said: list[float]) -> list[float]:
        bent = [curve(probability) for curve, probability in zip(curves, said, strict=True)]
        total = sum(bent)
        return [value / total for value in bent] if total > 0 else said

    return one if len(curves) == 1 else several


def _sigmoid_curve(curve: list[list[float]]) -> Callable[[float], float]:
    [[intercept, slope]] = curve

    def bend(probability: float) -> float:
        clipped = min(max(probability, EPSILON), 1 - EPSILON)
        return sigmoid(intercept + slope * (math.log(clipped) - math.log1p(-clipped)))

    return bend


def _isotonic_curve(curve: list[list[float]]) -> Callable[[float], float]:
    knots, values = curve

    def bend(probability: float) -> float:
        place = bisect_right(knots, probability)
        if place == 0:
            return values[0]
        if place == len(knots):
            return values[-1]
        low, high = knots[place - 1], knots[place]
        return values[place - 1] + (values[place] - values[place - 1]) * (probability - low) / (high - low)

    return bend


_CURVES = {"sigmoid": _sigmoid_curve, "isotonic": _isotonic_curve}


def _placed(places: Sequence[int], classes: int) -> Callable[[list[float]], list[float]]:
    def placed(said: list[float]) -> list[float]:
        every = [0.0] * classes
        for place, probability in zip(places, said if len(said) == len(places) else _both(said), strict=True):
            every[place] = probability
        return every

    return placed


def _both(said: list[float]) -> list[float]:
    """Of two classes the estimator gives the second's probability alone."""
    return [1 - said[0], said[0]]


def differences(answer: Answer, rows: Sequence[Row], expected: Sequence[Sequence[float]]) -> Iterator[float]:
    """For each row how far the answer is from what is expected; infinite where one of them is no number."""
    for row, wanted in zip(rows, expected, strict=True):
        said = answer(row)
        apart = max((abs(a - b) for a, b in zip(said, wanted, strict=True)), default=math.inf)
        yield apart if apart == apart else math.inf  # noqa: PLR0124 - not a number
