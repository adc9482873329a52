"""Writes docs/reference.md and the table of commands in README.md from the code: `python -m docs.reference`."""

from collections.abc import Iterator
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from include import spec
from include.spec.gates import DEFAULT_COMPARISONS, DEFAULT_FLOORS
from include.spec.metrics import METRICS, Metric
from include.steps import STEPS, Step

DOCS = Path(__file__).resolve().parent
REFERENCE, README = DOCS / "reference.md", DOCS.parent / "README.md"
BEGIN, END = "<!-- commands: written by docs/reference.py -->", "<!-- end of commands -->"
# the folder's name and `dataset` say them
NOT_WRITTEN = {("ModelSpec", "name"), ("ModelSpec", "contract"), ("ModelSpec", "windows")}
DATASET = "| `dataset` | text | required | the dataset it reads, as a contract.yaml of any folder names it |"
WORDS = {str: "text", int: "whole number", float: "number", bool: "true or false", NoneType: "null"}

# What the declarations themselves do not say of a key, by class and field.
NOTES = {
    "ModelSpec.owner": "who answers for the model; owner of its Dags",
    "ModelSpec.description": "one sentence for people",
    "ModelSpec.alerts": "who is told when something is wrong, each way by a name: [below](#alertsname); none: nobody",
    "ModelSpec.task": "what kind of answer the model gives",
    "Target.column": "column with the truth: int, float or bool; nullable where some rows are never labelled",
    "Target.above": "binary only: yes is a value above this; needed for a float column",
    "Features.numeric": "columns of type int, float or bool, and window features of the dataset's features.yaml",
    "Features.categorical": "columns of type string, int or bool",
    "Training.parameters": "given to `build_pipeline`",
    "Training.search": "search for better parameters, see [below](#trainingsearch); null: none",
    "Search.space": "each searched parameter by name, see [below](#trainingsearchspacename)",
    "Search.metric": "what is searched for; null: the metric of `champion_comparison`",
    "SearchedParameter.type": "of a range; null: `choices` are given",
    "SearchedParameter.min": "smallest value of a range",
    "SearchedParameter.max": "largest value of a range",
    "SearchedParameter.log": "ranges only: as many trials from 0.01 to 0.1 as from 0.1 to 1",
    "SearchedParameter.choices": "the values there are, of any kind; null: a range is given",
    "Training.recalibrate": "classifiers only: the curve that bends probabilities; `isotonic` needs about 1,000 rows",
    "Training.seed": "given to `build_pipeline` as `random_state`",
    "Training.place": "`local`: in the Airflow worker; `kubernetes:`: a pod per heavy step",
    "KubernetesPlace.image": "the project's image, with this code and this lock",
    "KubernetesPlace.namespace": "where the pods run",
    "KubernetesPlace.cpu": "request and limit of each pod",
    "KubernetesPlace.memory": "request and limit of each pod",
    "KubernetesPlace.service_account": "null: the namespace's default",
    "Target.classes": "multiclass only: the values of the column, in the order of the probabilities",
    "Gates.absolute_floor": "metric: threshold; at least this on the held-out rows, at most where less is better",
    "ChampionComparison.policy": "what the improvement must surely reach: -margin, more than 0 or +margin",
    "ChampionComparison.metric": "what is compared",
    "ChampionComparison.confidence": "how sure we are, one-sided; the error budget may ask for more",
    "ChampionComparison.method": "how the bounds are made; all but `block_bootstrap` take rows for independent",
    "NotDegenerate.min_relative_spread": "standard deviation of the predictions over that of the target",
    "Calibration.max_error": "largest distance of what is said and what comes true: root of the mean square, debiased",
    "Calibration.max_increase": "by how much it may exceed the champion's",
    "Calibration.confidence": "of each bound that tells a miss from chance",
    "ReferenceSanity.max_mean_abs_difference": "mean difference to the champion on the reference rows",
    "Robustness.missing_feature": "one feature has no value in any row",
    "Robustness.missing_cells": "a tenth of all cells that may be missing is missing",
    "Robustness.unseen_category": "one feature has a category that training never saw",
    "Robustness.unit_error": "one feature is in another unit: x 1000, x 0.01, inch as cm, Fahrenheit as Celsius",
    "Robustness.noise": "every number is off by 1 % of its standard deviation",
    "Leakage.max_strength": "how well one feature alone may order the rows: 2 AUC - 1, or Spearman's correlation",
    "Leakage.max_optimism": "by how much learning from rows of the test's own days may flatter",
    "Leakage.max_shuffled": "how well a fit on shuffled labels may order the rows",
    "Resources.max_single_p99_ms": "99th percentile of the time for one row, in milliseconds",
    "Resources.max_batch_p99_ms": "the same for a batch of 1,000 rows",
    "Resources.max_peak_mb": "memory of the whole process at its peak, libraries included",
    "Resources.max_artifact_mb": "size of the model file",
    "Resources.max_load_seconds": "time to load the model file",
    "TrainingData.max_missing_share": "share of the window's days that never came or were quarantined",
    "TrainingData.max_warned_share": "share of the window's days that the contract warned of",
    "TrainingData.max_unlabelled_share": "share of the window's rows without a label",
    "TrainingData.max_drift": "drift of one feature from the champion's window (PSI less chance); not of seasonal ones",
    "Slices.metric": "what is measured on each slice",
    "ModelSpec.serving": "how the [service](serving.md) answers for the model, see [below](#serving)",
    "Release.approval": "whether a person is asked before promotion",
    "Release.approval_timeout_hours": "no answer after this is a rejection",
    "Release.rollout": "the model is served, and versions reach users [step by step](#releaserollout); null: not",
    "Monitoring.warn": "drift from which a verdict is `warn`",
    "Monitoring.alert": "drift from which a verdict is `alert`",
    "Monitoring.critical": "drift from which a verdict is `critical`",
    "Monitoring.of_windows": "the n of m of n",
    "ContractSpec.dataset": "the dataset's name, which model.yaml refers to",
    "ContractSpec.owner": "who answers for the data; owner of the ingest Dag",
    "ContractSpec.description": "one sentence for people",
    "ContractSpec.partition_format": "strftime format of a partition's key: one day, sortable as text",
    "ContractSpec.event_time": "the column that says when; of type timestamp",
    "ContractSpec.keys": "columns that together are unique in a partition; never null",
    "RowBounds.min": "a partition with fewer rows is quarantined",
    "RowBounds.max": "a partition with more rows is quarantined; null: any number",
    "RowBounds.severity": "`warn` reports a breach and admits the partition all the same",
    "Baseline.partitions": "how many partitions at most, the newest admitted ones with an earlier key",
    "Between.min": "numbers only: smallest value; null: any",
    "Between.max": "numbers only: largest value; null: any",
    "ContractSpec.alerts": "who is told of quarantined days and silence: the same keys as in model.yaml",
    "Monitoring.calendar": "days in which drift is expected, see [below](#monitoringcalendar)",
    "ContractSpec.exceptions": "rows that are known to be odd, see [below](#exceptions)",
    "ContractSpec.columns": "each column by name, see [below](#columnsname); other columns are dropped with a warning",
    "Channel.kind": "a mail, a message in a Slack channel, or the alert as JSON",
    "ColumnSpec.type": "values are cast to it where nothing is lost; otherwise the partition is quarantined",
    "ColumnSpec.nullable": "whether nulls are allowed",
    "ColumnSpec.min": "numbers only: smallest value",
    "ColumnSpec.max": "numbers only: largest value",
    "ColumnSpec.one_of": "strings and ints: the values there may be",
    "ColumnSpec.pattern": "strings only: a regular expression",
    "ColumnSpec.max_null_share": "needs `nullable: true`; null: any share",
    "ColumnSpec.severity": "`warn` reports a breach and admits the partition all the same",
    "ColumnSpec.personal": "masked in evidence, not profiled, no feature; `gates.fairness` may group by it",
    "ColumnSpec.description": "unit and meaning, for people",
    "WindowFeature.description": "unit and meaning, for people",
}
OF_THE_COMPARISON = {
    "Slices.metric": "that of `champion_comparison`",
    "Slices.margin": "that of `champion_comparison` if `non_inferior`, else `0`; required with another metric",
}
SECTIONS: tuple[tuple[str, str, type[BaseModel]], ...] = (
    ("`model.yaml`", "", spec.ModelSpec),
    ("`target`", "target", spec.Target),
    ("`features`", "features", spec.Features),
    ("`training`", "training", spec.Training),
    ("`training.search`", "training.search", spec.Search),
    ("`training.search.space.<name>`", "training.search.space.<name>", spec.SearchedParameter),
    ("`training.place.kubernetes`", "training.place.kubernetes", spec.KubernetesPlace),
    ("`gates`", "gates", spec.Gates),
    ("`gates.champion_comparison`", "gates.champion_comparison", spec.ChampionComparison),
    ("`gates.not_degenerate`", "gates.not_degenerate", spec.NotDegenerate),
    ("`gates.reference_sanity`", "gates.reference_sanity", spec.ReferenceSanity),
    ("`gates.calibration`", "gates.calibration", spec.Calibration),
    ("`gates.round_trip`", "gates.round_trip", spec.RoundTrip),
    ("`gates.robustness`", "gates.robustness", spec.Robustness),
    ("`gates.leakage`", "gates.leakage", spec.Leakage),
    ("`gates.resources`", "gates.resources", spec.Resources),
    ("`gates.training_data`", "gates.training_data", spec.TrainingData),
    ("`gates.slices`", "gates.slices", spec.Slices),
    ("`gates.fairness`", "gates.fairness", spec.Fairness),
    ("`release`", "release", spec.Release),
    ("`release.rollout`", "release.rollout", spec.RolloutRules),
    ("`serving`", "serving", spec.Serving),
    ("`release.rollout.slo`", "release.rollout.slo", spec.Slo),
    ("`monitoring`", "monitoring", spec.Monitoring),
    ("`monitoring.calendar[]`", "monitoring.calendar[]", spec.QuietDays),
    ("`alerts.<name>`", "alerts.<name>", spec.Channel),
    ("`contract.yaml`", "", spec.ContractSpec),
    ("`landing`", "landing", spec.Landing),
    ("`rows`", "rows", spec.RowBounds),
    ("`freshness`", "freshness", spec.Freshness),
    ("`baseline`", "baseline", spec.Baseline),
    ("`evolution`", "evolution", spec.Evolution),
    ("`exceptions[]`", "exceptions[]", spec.KnownException),
    ("`exceptions[].where.<name>`", "exceptions[].where.<name>", spec.Between),
    ("`columns.<name>`", "columns.<name>", spec.ColumnSpec),
    ("`features.yaml`, beside contract.yaml", "", spec.WindowFeature),
)


def reference() -> str:
    """The text of docs/reference.md."""
    parts = ["# Reference", "Every key with its type and default, and every command. Written by `docs/reference.py`."]
    for title, prefix, declared in SECTIONS:
        heading = "##" if prefix == "" else "###"
        parts += [f"{heading} {title}", " ".join((declared.__doc__ or "").split())]
        rows = [DATASET] if declared is spec.ModelSpec else []
        rows += [_field(prefix, declared, name, field) for name, field in _written(declared)]
        if rows:
            parts.append(_table(("key", "type", "default", "meaning"), rows))
    parts += ["## Commands", commands()]
    return "\n\n".join(parts) + "\n"


def commands() -> str:
    """Every command of `python -m include` as a table."""
    rows = [_row(f"`{_usage(step)}`", step.help) for step in STEPS.values()]
    rows += [
        _row("`train <model> --as-of …`", "fit, evaluate, decide every gate and register"),
        _row("`release <model> --version …`", "smoke test and promote; running it is the approval"),
        _row("`rollout hold\\|resume\\|advance\\|abort\\|compare <model> …`", "`steer-rollout` in short"),
        _row("`backfill <dataset> --from … --to …`", "do what is missing of a range of past days, one after the other"),
        _row("`reproduce <model> <version> [--actor …]`", "make a version again and compare, bit for bit"),
        _row(
            "`scaffold <model> <sample> … [--target …] [--dataset …] [--owner …]`",
            "write a first folder for a model, guessed from Parquet files or folders of them",
        ),
        _row("`metrics`", "what the ledger says as numbers, in OpenMetrics"),
        _row("`status <model or dataset>`", "what the ledger says"),
        _row("`migrate`", "bring the ledger's tables up to date"),
    ]
    return _table(("`python -m include …`", "does"), rows)


def readme(text: str) -> str:
    """The README with its table of commands written anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{commands()}\n{END}{after}"


def _usage(step: Step) -> str:
    given = [f"{one.flag} …" if one.required else f"[{one.flag} …]" for one in step.arguments]
    return " ".join([step.name, f"<{step.target}>", *given])


def _written(declared: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    return (
        (name, field) for name, field in declared.model_fields.items() if (declared.__name__, name) not in NOT_WRITTEN
    )


def _field(prefix: str, declared: type[BaseModel], name: str, field: FieldInfo) -> str:
    if _is_section(field.annotation) or (declared is spec.Gates and _is_section(_given(field.annotation))):
        place = f"{prefix}{name}".replace(".", "")
        default = "required" if field.is_required() and name in {"target", "features"} else "each key's own"
        return _row(f"`{name}`", "keys", default, f"see [below](#{place})")
    meaning = (field.description or "").replace("<", "&lt;") or NOTES.get(f"{declared.__name__}.{name}", "")
    return _row(f"`{name}`", _type(field), _default(declared, name, field), meaning)


def _given(annotation: Any) -> Any:
    """What a key may be but null: a gate that some tasks lack is null there, and nobody writes that."""
    return next((one for one in get_args(annotation) if one is not NoneType), None)


def _is_section(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _default(declared: type[BaseModel], name: str, field: FieldInfo) -> str:
    if (declared.__name__, name) == ("Gates", "absolute_floor"):
        return ", ".join(f"`{_plain(one)}` ({task})" for task, one in DEFAULT_FLOORS.items())
    if declared is spec.ChampionComparison and name in {"metric", "margin"}:
        own = ", ".join(f"`{_plain(getattr(one, name))}` ({task})" for task, one in DEFAULT_COMPARISONS.items())
        return f"where the gate is left out: {own}; else {_written_default(field)}"
    return OF_THE_COMPARISON.get(f"{declared.__name__}.{name}") or _written_default(field)


def _written_default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "required"
    return f"`{_plain(field.default)}`"


def _plain(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_plain(one)}' for key, one in value.items())}}}"
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    return '""' if value == "" else f"{value:g}" if isinstance(value, float) else str(value)


def _type(field: FieldInfo) -> str:
    bounds = [
        f"{sign} {getattr(one, name):g}" for one in field.metadata for name, sign in _BOUNDS if hasattr(one, name)
    ]
    return " ".join([_named(field.annotation), *([f"({', '.join(bounds)})"] if bounds else [])])


_BOUNDS = (("gt", ">"), ("ge", ">="), ("lt", "<"), ("le", "<="))


def _named(annotation: Any) -> str:
    origin, parts = get_origin(annotation), get_args(annotation)
    if annotation == Metric:
        return "; ".join(f"{task}: {', '.join(f'`{one}`' for one in names)}" for task, names in METRICS.items())
    if annotation in WORDS:
        return WORDS[annotation]
    if origin is Literal:
        return " or ".join(f"`{one}`" for one in parts)
    if origin is tuple:
        return "list of names" if parts[0] is str else f"list of {_named(parts[0])}"
    if origin is dict:
        return "mapping"
    return " or ".join(_named(one) for one in parts) if parts else "keys"


def _table(titles: tuple[str, ...], rows: list[str]) -> str:
    return "\n".join([_row(*titles), _row(*["---"] * len(titles)), *rows])


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    REFERENCE.write_text(reference(), encoding="utf-8")
    README.write_text(readme(README.read_text(encoding="utf-8")), encoding="utf-8")
