"""The same numbers as a data scientist would script them with pandas and scikit-learn, one resample after another.

Each resample draws whole days with replacement and measures again: every metric of both models, the AUC of both in
every slice, the rates of both in every group and the calibration error of both. What does not depend on the resamples
is measured once. A thousand of them would take an hour or more, so a few are timed and the rest is taken to cost the
same, which resampling does: every one is of the same number of days.
"""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
from sklearn.metrics import accuracy_score, average_precision_score, brier_score_loss, log_loss, roc_auc_score

from benchmarks.gating.memory import peak_mb
from benchmarks.gating.rows import COLUMNS, HeldOutRows

BINS = 15
SIDES = ("challenger", "champion")
Measured = dict[str, float]


def run(folder: Path, timed: int, resamples: int) -> dict[str, float]:
    """Times the fixed part and a few resamples; gives the seconds of all resamples and the peak memory."""
    before = psutil.Process().memory_info().rss / 1e6
    frame = HeldOutRows.read(folder).frame()
    started = time.perf_counter()
    days = {day: part.index.to_numpy() for day, part in frame.groupby("day", observed=True)}
    names, random = list(days), np.random.default_rng(1)
    observed = numbers(frame)
    fixed = time.perf_counter() - started
    each = []
    for _ in range(timed):
        begun = time.perf_counter()
        drawn = np.concatenate([days[names[number]] for number in random.integers(0, len(names), len(names))])
        found = numbers(frame.iloc[drawn])
        each.append(time.perf_counter() - begun)
        assert found.keys() == observed.keys()
    return {"seconds": fixed + resamples * float(np.median(each)), "each": float(np.median(each)),
            "numbers": len(observed), "peak_mb": peak_mb() - before}  # fmt: skip


def numbers(frame: pd.DataFrame) -> Measured:
    """Everything the gates look at, once."""
    found: Measured = {}
    for side in SIDES:
        found |= {f"{side} {name}": metric(frame["target"], frame[side]) for name, metric in METRICS.items()}
        found[f"{side} calibration"] = calibration_error(frame["target"], frame[side])
        for column in COLUMNS:
            for value, part in frame.groupby(column, observed=True):
                found[f"{side} auc {value}"] = roc_auc_score(part["target"], part[side])
        for value, part in frame.groupby(COLUMNS[0], observed=True):
            yes = part[side] >= 0.5
            found[f"{side} tpr {value}"] = yes[part["target"] == 1].mean()
            found[f"{side} fpr {value}"] = yes[part["target"] == 0].mean()
    return found


def calibration_error(target: pd.Series, said: pd.Series) -> float:
    """The mean distance of what is said from what comes true, in bins of equal size."""
    bins = pd.qcut(said, BINS, labels=False, duplicates="drop")
    parts = pd.DataFrame({"target": target, "said": said, "bin": bins}).groupby("bin")
    means, sizes = parts[["target", "said"]].mean(), parts.size()
    return float(((means["target"] - means["said"]).abs() * sizes / sizes.sum()).sum())


METRICS: dict[str, Callable[[pd.Series, pd.Series], float]] = {
    "auc": roc_auc_score,
    "average_precision": average_precision_score,
    "log_loss": log_loss,
    "brier": brier_score_loss,
    "accuracy": lambda target, said: accuracy_score(target, said >= 0.5),
}
