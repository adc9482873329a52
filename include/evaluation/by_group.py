"""The evidence by groups of rows: slices, the worst slice and fairness."""

from dataclasses import replace

from include.evaluation.answers import Answers
from include.evaluation.evidence import Evidence
from include.evaluation.fairness import measure_fairness
from include.evaluation.groups import groups_of
from include.evaluation.held_out import HeldOut
from include.evaluation.slices import measure_slices
from include.lake.profile import Profile
from include.spec import ModelSpec


def columns_of_groups(spec: ModelSpec) -> tuple[str, ...]:
    """The columns that rows are grouped by, features or not."""
    return (*spec.gates.slices.columns, *spec.gates.fairness.columns)


def with_groups(found: Evidence, spec: ModelSpec, rows: HeldOut, reference: Profile) -> Evidence:
    """The evidence with slices and fairness measured, and with the slice of every row.

    Rows keep the groups of slices alone: those of fairness may be personal, and only their counts and rates are kept.
    `reference` is the profile of the training window, at whose quintiles numbers are cut.
    """
    slices, fairness = spec.gates.slices, spec.gates.fairness
    answers = Answers(spec.task, spec.target.classes, found.days.codes, found.target, found.challenger, found.champion)
    searched = (*slices.columns, *spec.features.names)
    groups = groups_of(rows.table, spec, searched, slices.edges, reference, slices.min_rows)
    people = groups_of(rows.table, spec, fairness.columns, fairness.edges, reference, fairness.min_rows)
    measured = {
        "slices": measure_slices(answers, groups, slices),
        "fairness": measure_fairness(answers, people, fairness),
    }
    summary = found.summary.model_copy(update=measured)
    return replace(found, summary=summary, groups={name: groups[name] for name in slices.columns})
