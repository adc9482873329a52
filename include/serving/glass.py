"""Breaking the glass: what is answered where a model fails, or where a person says so."""

import math
from collections.abc import Callable, Mapping, Sequence

from include.errors import SpecError
from include.serving.plan import Value
from include.spec import ModelSpec

RULE = "fallback"
Glass = Callable[[Mapping[str, Value]], list[float]]


def glass(spec: ModelSpec, answer: float | str) -> Glass:
    """What answers a row's features: a constant, or the rule `fallback(row)` in the model's pipeline.py.

    SpecError where it is neither.
    """
    if answer == RULE:
        from include.training.pipeline import rule  # noqa: PLC0415 - scikit-learn, where a rule is declared

        given = rule(spec, RULE)
        return lambda row: said(spec, given(dict(row)))
    constant = said(spec, answer)
    return lambda _: constant


def said(spec: ModelSpec, answer: object) -> list[float]:
    """The answer as models give it: one number, or one probability per class."""
    classes: Sequence[str] = spec.target.classes
    if classes and str(answer) in classes:
        return [1.0 if name == str(answer) else 0.0 for name in classes]
    try:
        number = float(str(answer))
    except ValueError:
        number = float("nan")
    if classes or not math.isfinite(number) or (spec.task == "binary" and not 0 <= number <= 1):
        raise SpecError(f"{spec.name}: '{answer}' is no answer to break the glass with (task {spec.task}).")
    return [number]
