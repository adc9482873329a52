"""Leakage: signs that a model learns from what it cannot know when it is asked.

Three probes on a bounded sample of the training window. How well does a single feature order the rows: what does so
nearly perfectly was usually written down after the event (Kaufman et al., ACM TKDD 6(4), 2012). How much better does a
fit look where rows of the test's own days are among those it learnt from: what a random split would have promised. And
what does a fit on shuffled labels know: nothing, unless the pipeline has the answers from elsewhere (Ojala & Garriga,
JMLR 11, 2010, test 1).
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from pydantic import JsonValue

from include.evaluation.association import strengths
from include.evaluation.skill import rank_skill
from include.features.matrix import Floats
from include.spec import ModelSpec
from include.spec.contract import Measured
from include.training.learn import learn
from include.training.predictions import predict
from include.training.rows import LabelledRows

SEED = 20130204
LATE_SHARE = 0.25  # of the sample, its newest rows: half to ask about, half to learn from where time is ignored
SHUFFLED_ROWS, SHUFFLES = 4000, 2
Parameters = Mapping[str, JsonValue]
Places = npt.NDArray[np.int64]


class Leakage(Measured):
    """What the probes found, in units of `rank_skill`: 0 says nothing, 1 orders the rows perfectly.

    `strengths` has each feature alone. `ordered` and `mixed` are two fits of the same size on the same test rows, one
    on the days before, one with rows of the same days among them. `shuffled` is the skill of fits on shuffled labels.
    `known_after` are the columns that are only known after the event, the target first. `error` is what the pipeline
    raised.
    """

    rows: int
    known_after: tuple[str, ...]
    strengths: dict[str, float]
    ordered: float = float("nan")
    mixed: float = float("nan")
    shuffled: float = float("nan")
    error: str | None = None

    @property
    def optimism(self) -> float:
        """By how much a split that ignores time flatters the model."""
        return self.mixed - self.ordered


def measure_leakage(spec: ModelSpec, parameters: Parameters, sample: LabelledRows) -> Leakage:
    """All probes on a sample of the training window; the fits have the model's parameters."""
    marked = (name for name, column in spec.contract.columns.items() if column.known == "after")
    found = Leakage(
        rows=len(sample),
        known_after=tuple(dict.fromkeys([spec.target.column, *marked])),
        strengths=strengths(spec, sample.features, sample.target),
    )
    try:
        fits = {**_by_time(spec, parameters, sample), "shuffled": _shuffled(spec, parameters, sample)}
    except Exception as problem:  # whatever a pipeline raises is a finding
        text = " ".join(str(problem).split())[:300]
        return found.model_copy(update={"error": f"{type(problem).__name__}: {text}"})
    return found.model_copy(update=fits)


def _by_time(spec: ModelSpec, parameters: Parameters, sample: LabelledRows) -> dict[str, float]:
    early, asked, neighbours = _parts(len(sample))
    fewer = np.random.default_rng(SEED).permutation(early)[len(neighbours) :]
    mixed = np.sort(np.concatenate([fewer, neighbours]))
    return {
        "ordered": _skill(spec, parameters, _at(sample, early), _at(sample, asked)),
        "mixed": _skill(spec, parameters, _at(sample, mixed), _at(sample, asked)),
    }


def _shuffled(spec: ModelSpec, parameters: Parameters, sample: LabelledRows) -> float:
    """The mean skill of fits on shuffled labels, each also on their mirror image.

    What one fit happens to know by chance, its mirror image gets wrong by as much: the mean of few fits is near 0
    (antithetic variates; Hammersley & Morton, Proc. Cambridge Philosophical Society 52, 1956).
    """
    early, asked, _ = _parts(len(sample))
    random, found = np.random.default_rng(SEED), []
    for _ in range(SHUFFLES):
        chosen = random.permutation(early)[:SHUFFLED_ROWS]
        rows, labels = _at(sample, chosen), random.permutation(sample.target[chosen])
        both = (labels, labels.min() + labels.max() - labels)
        found += [_skill(spec, parameters, _labelled(rows, one), _at(sample, asked)) for one in both]
    return float(np.mean(found))


def _parts(rows: int) -> tuple[Places, Places, Places]:
    """Places of the early rows, and of the late ones in two halves."""
    early = int(rows * (1 - LATE_SHARE))
    late = np.random.default_rng(SEED).permutation(np.arange(early, rows))
    half = len(late) // 2
    return np.arange(early), np.sort(late[:half]), np.sort(late[half:])


def _at(rows: LabelledRows, places: Places) -> LabelledRows:
    return LabelledRows(rows.features.iloc[places], rows.target[places], rows.days[places], unlabelled=0)


def _labelled(rows: LabelledRows, target: Floats) -> LabelledRows:
    return LabelledRows(rows.features, target, rows.days, unlabelled=0)


def _skill(spec: ModelSpec, parameters: Parameters, learnt: LabelledRows, asked: LabelledRows) -> float:
    return rank_skill(spec.task, asked.target, predict(spec, learn(spec, parameters, learnt), asked.features))
