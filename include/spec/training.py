"""How a challenger is made: when, from which days, with which parameters, and how better ones are searched for."""

from typing import Literal, Self

from pydantic import Field, JsonValue, field_validator, model_validator

from include.spec.contract import Frozen
from include.spec.metrics import Metric

Recalibrate = Literal["none", "sigmoid", "isotonic"]
SEED = "random_state"  # what build_pipeline gets the seed as


class KubernetesPlace(Frozen):
    """Run the model's heavy steps as pods of the project's image."""

    image: str
    namespace: str = "default"
    cpu: str = "1"
    memory: str = "2Gi"
    service_account: str | None = None
    secret: str = Field(
        "perennial", description="secret whose keys become the pod's environment: ledger URL, credentials"
    )


class Place(Frozen):
    """Where heavy steps run when not in the Airflow worker."""

    kubernetes: KubernetesPlace


class SearchedParameter(Frozen):
    """The values one parameter may take: a range of numbers, its ends included, or a list of choices."""

    type: Literal["int", "float"] | None = None
    min: float | None = None
    max: float | None = None
    log: bool = False
    choices: tuple[JsonValue, ...] | None = None

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.choices is not None:
            self._check_choices()
        elif self.type is None or self.min is None or self.max is None:
            raise ValueError("say type (int or float), min and max, or choices")
        else:
            self._check_range(self.min, self.max)
        return self

    def _check_choices(self) -> None:
        if self.type is not None or self.min is not None or self.max is not None or self.log:
            raise ValueError("choices stand alone: type, min, max and log describe a range")
        distinct = [one for place, one in enumerate(self.choices or ()) if one not in (self.choices or ())[:place]]
        if len(distinct) < max(len(self.choices or ()), 2):
            raise ValueError(f"choices are at least two, each another; got {list(self.choices or ())}")

    def _check_range(self, low: float, high: float) -> None:
        if low >= high:
            raise ValueError(f"min {low:g} must be below max {high:g}; a single value belongs to training.parameters")
        if self.type == "int" and not (low.is_integer() and high.is_integer()):
            raise ValueError(f"min {low:g} and max {high:g} of an int are whole numbers")
        if self.log and low <= 0:
            raise ValueError(f"min {low:g} must be above 0 where log is true")

    def holds(self, value: JsonValue) -> bool:
        """Whether a declared value lies in the space."""
        if self.choices is not None:
            return value in self.choices
        if isinstance(value, bool) or not isinstance(value, int | float) or self.min is None or self.max is None:
            return False
        return self.min <= value <= self.max and (self.type == "float" or float(value).is_integer())

    def __str__(self) -> str:
        if self.choices is not None:
            return f"one of {', '.join(map(str, self.choices))}"
        return f"{self.type} {self.min:g} to {self.max:g}"


class Search(Frozen):
    """Search for better parameters at every training, inside its window. Left out: no search."""

    space: dict[str, SearchedParameter] = Field(min_length=1)
    trials: int | None = Field(20, ge=1, description="parameters tried at most; null: as many as the minutes allow")
    minutes: float | None = Field(
        None, gt=0, description="no trial starts later than this; what is found then depends on the machine's speed"
    )
    folds: int = Field(3, ge=1, le=20, description="validation parts one after the other at the end of the window")
    metric: Metric | None = None
    pruning: bool = Field(True, description="give up a trial that falls behind the median after a fold")

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.trials is None and self.minutes is None:
            raise ValueError("a search needs an end: trials, minutes or both")
        if SEED in self.space:
            raise ValueError(f"space.{SEED} is training.seed: a lucky seed is no better parameter")
        return self


class Training(Frozen):
    """How a challenger is made."""

    schedule: str | None = Field(
        "0 6 * * 1", description="cron of the regular request for training; null: on request only"
    )
    history_days: int | None = Field(None, ge=1, description="days of data to learn from; null: all there is")
    held_out_days: int = Field(14, ge=1, description="newest days with known labels, kept for the comparison")
    min_rows: int = Field(500, ge=1, description="fewer rows than this are not trained on")
    parameters: dict[str, JsonValue] = {}
    search: Search | None = None
    recalibrate: Recalibrate = "none"
    recalibrate_share: float = Field(
        0.2, gt=0, lt=1, description="newest share of the training days that recalibrate learns from, and nothing else"
    )
    seed: int = 7
    wait_hours: float = Field(6, ge=0, description="how long a scheduled training waits for the newest partition")
    place: Literal["local"] | Place = "local"

    @field_validator("schedule")
    @classmethod
    def _five_fields(cls, schedule: str | None) -> str | None:
        if schedule is not None and len(schedule.split()) != 5:  # noqa: PLR2004
            raise ValueError("a cron expression has five fields, such as '0 6 * * 1'")
        return schedule

    @model_validator(mode="after")
    def _starts_inside(self) -> Self:
        for name, space in (self.search.space if self.search else {}).items():
            if name in self.parameters and not space.holds(self.parameters[name]):
                raise ValueError(
                    f"parameters.{name} is {self.parameters[name]}, where the search starts; "
                    f"required by search.space.{name}: {space}"
                )
        return self
