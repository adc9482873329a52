"""`model.yaml`: one model, from its data to its alarms. Everything but a handful of lines has a default."""

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from include.spec.alerts import Channel
from include.spec.calendar import QuietDays
from include.spec.contract import NAME, ColumnSpec, ContractSpec, Frozen
from include.spec.features import Features
from include.spec.gates import Gates, with_defaults
from include.spec.metrics import METRICS, Task
from include.spec.rollout import RolloutRules
from include.spec.training import Training
from include.spec.windows import COMPUTED, WindowFeature, microseconds


class Target(Frozen):
    """What is predicted: a column, for a binary model whether the column lies above a limit, or one of `classes`."""

    column: str
    above: float | None = None
    classes: tuple[str, ...] = ()

    @field_validator("classes", mode="before")
    @classmethod
    def _names(cls, classes: object) -> object:
        """Whole numbers may be written as such; a bare yes or no is a flag to YAML."""
        if not isinstance(classes, list | tuple):
            return classes
        if any(isinstance(one, bool) for one in classes):
            raise ValueError('YAML reads yes, no, on and off as flags: write classes in quotes, such as "no"')
        return tuple(str(one) if isinstance(one, int) else one for one in classes)

    @field_validator("classes")
    @classmethod
    def _distinct(cls, classes: tuple[str, ...]) -> tuple[str, ...]:
        if len(classes) == 1 or len(set(classes)) < len(classes):
            raise ValueError(f"several classes, each another; got {', '.join(classes)}")
        return classes


class Release(Frozen):
    """How a challenger becomes champion."""

    approval: bool = True
    approval_timeout_hours: float = Field(24, gt=0)
    rollout: RolloutRules | None = None


class Serving(Frozen):
    """How the service answers for the model."""

    entity: tuple[str, ...] = Field(
        (), description="columns that name who asks: the same entity gets the same version; none: the same features do"
    )
    break_glass: float | str | None = Field(
        None,
        description="answered where the model fails: a number, a class, or `fallback` for the rule of that name in "
        "pipeline.py; null: nothing",
    )
    log: Literal["written", "synced", "queued"] = Field(
        "written", description="what an answer waits for: its record written, synced to the disk, or nothing"
    )
    log_megabytes: int = Field(512, ge=1, description="records of one machine that are not in the lake yet")
    keep_days: int = Field(90, ge=1, description="days that records stay in the lake")
    most_rows: int = Field(1000, ge=1, description="in one request")
    most_seconds: float = Field(5, gt=0, description="for one request")


class Monitoring(Frozen):
    """When the daily watch speaks up, and when it asks for training."""

    window_days: int = Field(7, ge=1, description="length of the current window")
    reference: Literal["training", "matched", "rolling"] = Field(
        "training",
        description="what it is compared with: the champion's training window, its days of the same weekdays and, "
        "where there is a year, season, or the days before",
    )
    reference_days: int = Field(28, ge=2, description="how many days before, for `rolling`")
    warn: float = Field(0.1, gt=0)
    alert: float = Field(0.2, gt=0)
    critical: float = Field(0.3, gt=0)
    harmless: float = Field(
        0.05, ge=0, le=1, description="share of the model's skill; drift that may cost less is told and does not alarm"
    )
    false_alarms_per_year: float = Field(
        2, gt=0, description="at most so many requests for training by chance alone, in a year of daily verdicts"
    )
    violations: int = Field(3, ge=1, description="m of the last n verdicts at alert or above, the newest among them")
    of_windows: int = Field(5, ge=1)
    cool_down_days: int = Field(14, ge=0, description="days after its own request in which drift asks for no other")
    seasonal: tuple[str, ...] = Field((), description="features that follow the calendar: never louder than warn")
    min_rows: int = Field(200, ge=1, description="a window with fewer rows gets no verdict")
    performance_days: int = Field(
        14, ge=5, description="newest days with labels that performance is measured on, and newest it is estimated on"
    )
    max_age_hours: float | None = Field(
        None, gt=0, description="an alarm when the day of the newest predictions ended longer ago; null: never"
    )
    leave_after: int = Field(3, ge=1, description="so many quieter verdicts in a row end an alarm; it begins at once")
    requests_per_month: int = Field(3, ge=0, description="trainings the watch may ask for in any 30 days")
    calendar: tuple[QuietDays, ...] = ()
    roll_back: bool = Field(
        False, description="restore the former champion where measured performance is critical in m of n verdicts"
    )

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.warn < self.alert < self.critical:
            raise ValueError(f"required: warn < alert < critical, got {self.warn}, {self.alert}, {self.critical}")
        if self.violations > self.of_windows:
            raise ValueError(f"violations {self.violations} can never be reached in {self.of_windows} windows")
        return self


class ModelSpec(Frozen):
    """One model as its owner declared it, with the contract of the dataset it reads."""

    name: str = Field(pattern=NAME)
    owner: str
    description: str = ""
    intended_use: str = Field("", max_length=600, description="what its answers are for, and what not; on the card")
    limits: str = Field("", max_length=600, description="what its owner knows it cannot do; on the card")
    task: Task
    contract: ContractSpec
    windows: dict[str, WindowFeature] = {}
    target: Target
    label_delay_days: int = Field(0, ge=0, description="days after the partition's day until its labels are known")
    features: Features
    training: Training = Training()
    gates: Gates
    release: Release = Release()
    serving: Serving = Serving()
    monitoring: Monitoring = Monitoring()
    alerts: dict[str, Channel] = {}

    @property
    def dataset(self) -> str:
        """The dataset the model reads."""
        return self.contract.dataset

    def column(self, name: str) -> ColumnSpec:
        """What is known of a feature's values: the rules of its column, or those of any window feature."""
        return COMPUTED if name in self.windows else self.contract.columns[name]

    @model_validator(mode="before")
    @classmethod
    def _default_gates(cls, data: dict[str, object]) -> dict[str, object]:
        return {**data, "gates": with_defaults(data.get("task"), data.get("gates", {}))}

    @model_validator(mode="after")
    def _possible(self) -> Self:
        self._check_target()
        self._check_features()
        self.features.check_float32(self.contract)
        self._check_seasonal()
        self._check_windows()
        self._check_search()
        self._check_probabilities()
        self._check_serving()
        gates, column = self.gates, self.target.column
        gates.slices.check("gates.slices", self.contract, column, personal=False)
        gates.fairness.check("gates.fairness", self.contract, column, personal=True)
        for metric in (*gates.absolute_floor, gates.champion_comparison.metric, gates.slices.metric):
            if metric not in METRICS[self.task]:
                choices = ", ".join(METRICS[self.task])
                raise ValueError(f"gate metric '{metric}' is not for task {self.task}. Choices: {choices}")
        self.gates.champion_comparison.check(self.task, self.training.held_out_days)
        return self

    def _check_serving(self) -> None:
        if unknown := [name for name in self.serving.entity if name not in self.contract.columns]:
            known = ", ".join(self.contract.columns)
            raise ValueError(f"serving.entity names {', '.join(unknown)}, which the contract lacks. Columns: {known}")
        answer = self.serving.break_glass
        if answer is None or answer == "fallback":
            return
        if self.task == "multiclass" and answer not in self.target.classes:
            choices = ", ".join(("fallback", *self.target.classes))
            raise ValueError(f"serving.break_glass '{answer}' is no answer. Choices: {choices}")
        if self.task != "multiclass" and isinstance(answer, str):
            raise ValueError(f"serving.break_glass '{answer}' is no answer: say a number, or fallback")
        if self.task == "binary" and not 0 <= float(answer) <= 1:
            raise ValueError(f"serving.break_glass {answer} is no probability")

    def _check_target(self) -> None:
        name, known = self.target.column, ", ".join(self.contract.columns)
        column = self.contract.columns.get(name)
        if column is None:
            raise ValueError(f"target.column '{name}' is not in the contract. Columns: {known}")
        kinds = ("string", "int") if self.task == "multiclass" else ("int", "float", "bool")
        if column.type not in kinds:
            required = f"{', '.join(kinds[:-1])} or {kinds[-1]}"
            raise ValueError(f"target.column '{name}' has type {column.type}; required: {required}")
        if (self.task == "multiclass") != bool(self.target.classes):
            raise ValueError("target.classes lists the classes of a multiclass task, and only of that")
        if self.task == "multiclass":
            self._check_classes(column)
        if self.task == "regression" and self.target.above is not None:
            raise ValueError("target.above makes a yes or no of a number: use task binary, or drop it")
        if self.task == "binary" and self.target.above is None and column.type == "float":
            raise ValueError("a binary task on a float column needs target.above")

    def _check_classes(self, column: ColumnSpec) -> None:
        name, classes = self.target.column, self.target.classes
        if self.target.above is not None:
            raise ValueError("target.above makes a yes or no of a number: use task binary, or drop it")
        if column.type == "int" and (words := [one for one in classes if not one.lstrip("-").isdecimal()]):
            raise ValueError(f"target.classes names {', '.join(words)}, but target.column '{name}' is of type int")
        known = [str(one) for one in column.one_of or ()]
        if known and (unknown := [one for one in classes if one not in known]):
            choices = ", ".join(known)
            raise ValueError(f"target.classes names {', '.join(unknown)}, which '{name}' never is. It is: {choices}")

    def _check_features(self) -> None:
        for kind, names, types in (
            ("numeric", self.features.numeric, {"int", "float", "bool"}),
            ("categorical", self.features.categorical, {"string", "int", "bool"}),
        ):
            for name in names:
                if name in self.windows and kind == "numeric":
                    self._check_window(name, self.windows[name])
                    continue
                column, known = self.contract.columns.get(name), ", ".join((*self.contract.columns, *self.windows))
                if column is None:
                    raise ValueError(f"features.{kind} names '{name}', which the contract lacks. Columns: {known}")
                if column.type not in types:
                    required = " or ".join(sorted(types))
                    raise ValueError(f"features.{kind} names '{name}' of type {column.type}; required: {required}")
                if column.personal:
                    raise ValueError(f"features.{kind} names '{name}', which is personal: it could not be watched")
                if name == self.target.column:
                    raise ValueError(f"features.{kind} contains the target '{name}': the model would know the answer")
                if column.known == "after":
                    raise ValueError(
                        f"features.{kind} names '{name}', which is known only after the event "
                        f"(contract.yaml, columns.{name}.known): no prediction could use it"
                    )

    def _check_window(self, name: str, feature: WindowFeature) -> None:
        """Nothing may be made of labels before they are known; the check against the contract is the loader's."""
        if feature.of != self.target.column or feature.known_at is not None:
            return
        known = microseconds(feature.known_after) if feature.known_after else 0
        if known < microseconds(f"{self.label_delay_days}d"):
            raise ValueError(
                f"features.numeric names '{name}', which sees the target '{feature.of}' "
                f"{feature.known_after or '0s'} after its event (known_after); "
                f"label_delay_days says that it is known after {self.label_delay_days} days"
            )

    def _check_probabilities(self) -> None:
        if self.task != "regression":
            if self.gates.calibration is None:
                raise ValueError("gates.calibration cannot be switched off: leave it out for its defaults")
            return
        if self.training.recalibrate != "none":
            raise ValueError("training.recalibrate bends probabilities, and task regression has none: leave it out")
        if self.gates.calibration is not None:
            raise ValueError("gates.calibration judges probabilities, and task regression has none: leave it out")

    def _check_seasonal(self) -> None:
        unknown = [name for name in self.monitoring.seasonal if name not in self.features.names]
        if unknown:
            choices = ", ".join(self.features.names)
            raise ValueError(f"monitoring.seasonal names {', '.join(unknown)}, no feature. Features: {choices}")

    def _check_windows(self) -> None:
        history, unused = self.training.history_days, self._days_not_learnt_from
        if history is not None and history < unused:
            raise ValueError(
                f"training.history_days {history} leaves nothing to learn from after {self.training.held_out_days} "
                f"held-out days and a gap of {self.label_delay_days} on each side"
            )

    def _check_search(self) -> None:
        search, history = self.training.search, self.training.history_days
        if search is None:
            return
        if search.metric is not None and search.metric not in METRICS[self.task]:
            choices = ", ".join(METRICS[self.task])
            raise ValueError(
                f"training.search.metric '{search.metric}' is not for task {self.task}. Choices: {choices}"
            )
        required = self._days_not_learnt_from + search.folds + self.label_delay_days
        if history is not None and history < required:
            raise ValueError(
                f"training.history_days {history} is too short to be split for {search.folds} search folds with a gap "
                f"of {self.label_delay_days}; required: {required}, or fewer training.search.folds"
            )

    @property
    def _days_not_learnt_from(self) -> int:
        """Held-out days and gaps, less the first day of the history: see training.windows."""
        return self.training.held_out_days + max(self.label_delay_days, 1) + self.label_delay_days
