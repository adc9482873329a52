"""The metrics gates and searches speak of, by task."""

from math import inf
from typing import Literal

Task = Literal["binary", "multiclass", "regression"]
Metric = Literal["auc", "average_precision", "log_loss", "brier", "accuracy", "mae", "rmse", "r2"]
METRICS: dict[Task, tuple[Metric, ...]] = {
    "binary": ("auc", "average_precision", "log_loss", "brier", "accuracy"),
    "multiclass": ("accuracy", "auc", "log_loss", "brier"),
    "regression": ("mae", "rmse", "r2"),
}
GREATER_IS_BETTER: dict[Metric, bool] = {
    "auc": True, "average_precision": True, "log_loss": False, "brier": False, "accuracy": True,
    "mae": False, "rmse": False, "r2": True,
}  # fmt: skip
# What a value can be; the Brier score of many classes adds up to 2.
RANGE: dict[Metric, tuple[float, float]] = {
    "auc": (0, 1), "average_precision": (0, 1), "log_loss": (0, inf), "brier": (0, 2), "accuracy": (0, 1),
    "mae": (0, inf), "rmse": (0, inf), "r2": (-inf, 1),
}  # fmt: skip
