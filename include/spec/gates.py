"""The gates of `model.yaml`: what a challenger must show before it may become champion. One rule per gate."""

from pydantic import Field, ValidationError, model_validator

from include.spec.comparison import ChampionComparison
from include.spec.contract import Frozen
from include.spec.grouping import Fairness, Slices, as_the_whole
from include.spec.metrics import Metric, Task


class NotDegenerate(Frozen):
    """Predictions must differ from row to row: standard deviation as a share of the target's."""

    min_relative_spread: float = Field(0.05, gt=0, lt=1)


class ReferenceSanity(Frozen):
    """On the fixed reference set, challenger and champion may differ this much on average.

    In units of probability for a classifier, of the target's standard deviation for a regression.
    """

    max_mean_abs_difference: float = Field(0.1, gt=0)
    renew_after: int = Field(26, ge=1, description="comparisons after which other reference rows are drawn")


class Calibration(Frozen):
    """How far a classifier's probabilities may be from what comes true, on average and in units of probability."""

    max_error: float = Field(0.1, gt=0, lt=1)
    max_increase: float = Field(0.03, gt=0, lt=1)
    confidence: float = Field(0.95, gt=0.5, lt=1)
    min_rows: int = Field(200, ge=1, description="fewer held-out rows are too few to tell")


class Robustness(Frozen):
    """What share of its skill a model may lose when one input goes wrong; 1 leaves it as good as a constant.

    What the contract would have stopped is not counted. A crash never passes.
    """

    missing_feature: float = Field(1.0, ge=0)
    missing_cells: float = Field(0.3, ge=0)
    unseen_category: float = Field(0.5, ge=0)
    unit_error: float = Field(1.0, ge=0)
    noise: float = Field(0.1, ge=0)


class Leakage(Frozen):
    """Signs that the model learns from what it cannot know when asked. All between 0 (no order) and 1 (perfect)."""

    max_strength: float = Field(0.6, gt=0, le=1)
    max_optimism: float = Field(0.5, gt=0, le=1)
    max_shuffled: float = Field(0.1, gt=0, le=1)


class Resources(Frozen):
    """What serving the model may cost, in a fresh process with one thread. A megabyte is 10^6 bytes."""

    max_single_p99_ms: float = Field(100, gt=0)
    max_batch_p99_ms: float = Field(1000, gt=0)
    max_peak_mb: float = Field(512, gt=0)
    max_artifact_mb: float = Field(500, gt=0)
    max_load_seconds: float = Field(30, gt=0)


class RoundTrip(Frozen):
    """The stored model must answer as the fitted one did, bit for bit: there is nothing to set."""


class TrainingData(Frozen):
    """What the training window may lack, and how far it may be from the champion's."""

    max_missing_share: float = Field(0.1, ge=0, le=1)
    max_warned_share: float = Field(0.5, ge=0, le=1)
    max_unlabelled_share: float = Field(0.5, ge=0, le=1)
    max_drift: float = Field(3.0, gt=0)


DEFAULT_FLOORS: dict[Task, dict[Metric, float]] = {
    "binary": {"auc": 0.55},
    "multiclass": {"auc": 0.55},
    "regression": {"r2": 0.0},
}
DEFAULT_COMPARISONS: dict[Task, ChampionComparison] = {
    "binary": ChampionComparison(metric="auc", margin=0.01),
    "multiclass": ChampionComparison(metric="auc", margin=0.01),
    "regression": ChampionComparison(metric="r2", margin=0.01),
}


class Gates(Frozen):
    """What a challenger must show. A gate that is not mentioned has its defaults; none can be switched off."""

    absolute_floor: dict[Metric, float] = Field(min_length=1)
    champion_comparison: ChampionComparison
    slices: Slices
    fairness: Fairness = Fairness()
    calibration: Calibration | None = None
    robustness: Robustness = Robustness()
    leakage: Leakage = Leakage()
    not_degenerate: NotDegenerate = NotDegenerate()
    reference_sanity: ReferenceSanity = ReferenceSanity()
    round_trip: RoundTrip = RoundTrip()
    resources: Resources = Resources()
    training_data: TrainingData = TrainingData()

    @model_validator(mode="before")
    @classmethod
    def _slices_as_the_whole(cls, declared: object) -> object:
        """Slices are compared by the metric of the whole, and each may lose what the whole may."""
        slices = declared.get("slices", {}) if isinstance(declared, dict) else None
        if not isinstance(declared, dict) or not isinstance(slices, dict):
            return declared
        try:
            whole = ChampionComparison.model_validate(declared.get("champion_comparison"))
        except ValidationError:  # which is told of the comparison
            whole = DEFAULT_COMPARISONS["binary"]
        return {**declared, "slices": {**as_the_whole(whole, slices.get("metric")), **slices}}

    @property
    def names(self) -> tuple[str, ...]:
        """The gates that apply to the model, in the order they are shown.

        Calibration is a classifier's; fairness is there where its columns are declared.
        """
        absent = {"calibration": self.calibration is None, "fairness": not self.fairness.columns}
        return tuple(name for name in type(self).model_fields if not absent.get(name))


def with_defaults(task: object, gates: object) -> object:
    """The declared gates with those defaults that depend on the task."""
    if task not in DEFAULT_FLOORS or not isinstance(gates, dict):
        return gates
    return {
        "absolute_floor": DEFAULT_FLOORS[task],
        "champion_comparison": DEFAULT_COMPARISONS[task],
        "calibration": None if task == "regression" else {},
        **gates,
    }
