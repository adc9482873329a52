"""Power: how much longer one would have to look to tell."""

import math

from scipy import optimize, stats

from include.evaluation.estimate import Difference

LONGEST = 100_000  # blocks: beyond, the answer is never


def blocks_needed(found: Difference, required: float, confidence: float, power: float) -> int | None:
    """The blocks after which the lower bound reaches what is required with this chance, if the true improvement is the
    observed one. None where no number would do: the observed improvement itself falls short, or its error is unknown.

    The sample size of a one-sided t-test, for a standard error that shrinks with the root of the number of blocks
    (Cohen, Statistical Power Analysis for the Behavioral Sciences, 1988, chapter 2). As the observed improvement is
    itself uncertain, so is the answer: take its size, not its digits.

    Example: observed 0, standard error 0.01 of 14 blocks, required -0.01 at 95 %, power 0.8 -> 88
    """
    short = found.observed - required
    if short <= 0 or not math.isfinite(found.standard_error) or found.effective_blocks <= 1:
        return None
    each = found.effective_blocks / found.blocks
    once = found.standard_error * math.sqrt(found.blocks) / short

    def missing(blocks: float) -> float:
        student = stats.t.ppf(confidence, max(blocks * each - 1, 1))
        return float(((student + stats.norm.ppf(power)) * once) ** 2) - blocks

    if missing(LONGEST) > 0:
        return None
    return math.ceil(float(optimize.brentq(missing, 0, LONGEST)))
