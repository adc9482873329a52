"""The metrics gates and searches speak of, by task."""

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
