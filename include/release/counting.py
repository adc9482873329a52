"""From predictions to counts: what each side of a rollout did during one step."""

from collections.abc import Sequence

import numpy as np

from include.evaluation import reference
from include.features.matrix import Floats
from include.lake.store import Store
from include.registry.registry import Version
from include.release.observed import NONE, Observed, Pairs, Side
from include.release.served import Said, Served
from include.spec import ModelSpec
from include.training.predictions import PREDICTION

PARTS = 10  # of the champion's answers, between whose edges the spread of answers is compared


class Scale:
    """How answers are measured: the edges between them, and how far off an answer may be before it is all wrong."""

    def __init__(self, edges: Floats, width: float) -> None:
        self.edges, self.width = edges, width

    @classmethod
    def of(cls, spec: ModelSpec, champion: Version | None, store: Store) -> "Scale":
        """By the champion's answers in its training window; for classes between each two of them."""
        if spec.target.classes:
            return cls(np.arange(0.5, len(spec.target.classes) - 1), 1.0)
        if champion is None:
            return cls(NONE, 1.0)
        said = reference.load_sample(champion.model, champion.run_id, store)[PREDICTION].to_numpy()
        edges = np.unique(np.quantile(said, np.arange(1, PARTS) / PARTS))
        spread = float(np.quantile(said, 0.95) - np.quantile(said, 0.05))
        return cls(edges, spread or 1.0)

    def below(self, answers: Floats) -> Floats:
        """How many of the answers are at or below each edge."""
        return np.searchsorted(np.sort(answers), self.edges, side="right").astype(float)


def observed(
    spec: ModelSpec,
    versions: tuple[str | None, str],
    found: Sequence[Served],
    scale: Scale,
    slow_ms: float,
    *,
    paired: bool,
) -> Observed:
    """The counts of champion and challenger; in the shadow (`paired`) of the requests that both answered.

    A shadow's answers that arrive when the canary has begun are of another step and count for none.
    """
    champion, version = versions
    if not paired:
        ours = [(one.said, one.label) for one in found if one.said.version == champion]
        theirs = [(one.said, one.label) for one in found if one.said.version == version]
        return Observed(_side(spec, ours, scale, slow_ms), _side(spec, theirs, scale, slow_ms))
    both = [
        (one.said, one.label, one.shadow, one.label)
        for one in found
        if one.said.version == champion and one.shadow and one.shadow.version == version
    ]
    return Observed(
        _side(spec, [(said, label) for said, label, _, _ in both], scale, slow_ms),
        _side(spec, [(said, label) for _, _, said, label in both], scale, slow_ms),
        _pairs(spec, both, scale),
    )


Labelled = tuple[Said, float | str | None]


def _side(spec: ModelSpec, cases: Sequence[Labelled], scale: Scale, slow_ms: float) -> Side:
    answers = np.array([said.answer for said, _ in cases if said.answer is not None], dtype=float)
    seconds = np.array([said.seconds for said, _ in cases], dtype=float)
    return Side(
        requests=len(cases),
        errors=len(cases) - len(answers),
        slow=int((seconds * 1000 > slow_ms).sum()),
        below=scale.below(answers),
        answers=len(answers),
        seconds=seconds,
        losses=np.array([lost for case in cases if (lost := loss(spec, *case, scale)) is not None], dtype=float),
    )


def _pairs(
    spec: ModelSpec, cases: Sequence[tuple[Said, float | str | None, Said, float | str | None]], scale: Scale
) -> Pairs:
    said = [(one.answer, other.answer) for one, _, other, _ in cases]
    answered = np.array([pair for pair in said if None not in pair], dtype=float).reshape(-1, 2)
    low = answered[:, :, None] <= scale.edges
    lost = [(loss(spec, one, label, scale), loss(spec, other, label, scale)) for one, label, other, _ in cases]
    return Pairs(
        requests=len(cases),
        more_errors=sum(theirs is None and ours is not None for ours, theirs in said),
        fewer_errors=sum(theirs is not None and ours is None for ours, theirs in said),
        answers=len(answered),
        moved_down=(low[:, 1] & ~low[:, 0]).sum(axis=0).astype(float),
        moved_up=(low[:, 0] & ~low[:, 1]).sum(axis=0).astype(float),
        losses=np.array([b - a for a, b in lost if a is not None and b is not None], dtype=float),
    )


def loss(spec: ModelSpec, said: Said, label: float | str | None, scale: Scale) -> float | None:
    """How wrong an answer was, from 0 to 1; None where it failed or nobody knows the truth yet.

    Binary and classes: the Brier score (of classes, half of it). Numbers: the error, as a part of the width of the
    champion's answers. The label is a value of the target's column.
    """
    if said.answer is None or label is None:
        return None
    if spec.task == "multiclass":
        truth = [float(name == str(label)) for name in spec.target.classes]
        return sum((a - b) ** 2 for a, b in zip(said.class_probabilities, truth, strict=True)) / 2
    value = float(label)
    if spec.task == "binary":
        above = spec.target.above
        return (said.answer - float(value > above if above is not None else value)) ** 2
    return min(abs(said.answer - value) / scale.width, 1.0)
