"""Renders the board's pages from the ledger alone."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from include.board.drawing import drawing, pens
from include.board.timeline import timeline
from include.errors import NotFound
from include.lake import layout
from include.ledger import Decision, Deployment, Ledger, Override, PartitionRecord, Promotion
from include.monitoring.watched import SERVED
from include.spec import ContractSpec, Gates, ModelSpec, load_models

HERE = Path(__file__).parent
TEMPLATES = Environment(
    loader=FileSystemLoader([HERE, HERE.parent / "card"]),  # the card's look is the board's
    autoescape=True,
    undefined=StrictUndefined,
)
NEWEST = 40
ROLLOUTS = 12  # changes, the newest ones
FOLLOWED = 10  # days on which something followed from the verdicts


@dataclass(frozen=True)
class ModelRow:
    """One model on the overview."""

    spec: ModelSpec
    champion: Deployment | None
    verdict: Decision | None
    training: Decision | None


@dataclass(frozen=True)
class DatasetRow:
    """One dataset on the overview."""

    contract: ContractSpec
    admitted: list[PartitionRecord]
    quarantined: list[PartitionRecord]

    @staticmethod
    def broken(record: PartitionRecord) -> str:
        """What was wrong, without the address that the evidence's link has."""
        return str(record.reason).partition("quarantined, ")[2].partition(" Evidence:")[0] or str(record.reason)

    @property
    def rows(self) -> int:
        """Rows of all admitted partitions."""
        return sum(one.rows or 0 for one in self.admitted)


@dataclass(frozen=True)
class Champion:
    """One change of the champion, and for a promotion what it stood on and where its card is."""

    deployment: Deployment
    record: Promotion | None

    @property
    def card(self) -> str | None:
        """The page of its model card in the lake."""
        return layout.card(self.record.model, self.record.run_id) if self.record else None


@dataclass(frozen=True)
class GateChip:
    """What one gate said of a run, and the override that answers it."""

    name: str
    decision: Decision
    override: Decision | None

    @property
    def outcome(self) -> str:
        """In one word."""
        return "overridden" if self.override else self.decision.outcome

    @property
    def told(self) -> str:
        """All of it in one sentence."""
        answer = f" Overridden by {self.override.actor}: {self.override.reason}." if self.override else ""
        return f"{self.decision.outcome}: {self.decision.reason}.{answer}"


@dataclass(frozen=True)
class Training:
    """One judged challenger with what each gate said."""

    decision: Decision
    gates: list[GateChip]

    @property
    def shown(self) -> str:
        """What its link opens: trainings of before there were cards have the bare evidence."""
        return "card" if str(self.decision.evidence).endswith("/card.html") else "evidence"


def board(ledger: Ledger) -> str:
    """The overview: every declared model and dataset, and mistakes in their folders."""
    declared = load_models()
    models = [
        ModelRow(
            spec,
            ledger.champion(spec.name),
            _last(ledger.decisions(spec.name, kind="watch")),
            _last(ledger.decisions(spec.name, kind="registration")),
        )
        for spec in declared.models.values()
    ]
    datasets = [
        DatasetRow(contract, ledger.admitted(name), _quarantined(ledger, name))
        for name, contract in declared.contracts.items()
    ]
    return TEMPLATES.get_template("board.html").render(
        models=models, datasets=datasets, mistakes=declared.errors.values()
    )


def model(name: str, ledger: Ledger) -> str:
    """One model's page. NotFound where no folder declares it."""
    spec = load_models().models.get(name)
    if spec is None:
        raise NotFound(f"No model '{name}' is declared.")
    gates = {one.subject: one for one in ledger.decisions(name, kind="gate")}
    overrides = ledger.decisions(name, kind="override")
    trainings = [_training(one, gates, overrides) for one in ledger.decisions(name, kind="registration")]
    verdicts = {one.subject: one for one in ledger.decisions(name, kind="watch")}
    looked = {one.subject: one for one in ledger.decisions(name, kind="served_quality")}
    return TEMPLATES.get_template("model.html").render(
        **pens(spec),
        scored=drawing(spec, timeline(spec, ledger)),
        served=drawing(spec, timeline(spec, ledger, SERVED)),
        champions=_champions(name, ledger)[::-1],
        rollouts=ledger.rollouts(name)[::-1][:ROLLOUTS],
        overrides=[(one.subject.partition("/"), one) for one in overrides[::-1]],
        card=partial(layout.card, name),
        trainings=trainings[::-1],
        verdicts=[verdicts[day] for day in sorted(verdicts)],
        looked=[looked[day] for day in sorted(looked)],
        followed=_followed(ledger.decisions(name, kind="retrain_policy")),
        served_followed=_followed(ledger.decisions(name, kind="served_policy")),
        decisions=ledger.decisions(name)[::-1][:NEWEST],
    )


def _champions(model: str, ledger: Ledger) -> list[Champion]:
    kept = [one for one in ledger.decisions(model, kind="promotion") if one.detail != "{}"]
    records = {one.recorded_at: Promotion.model_validate_json(one.detail) for one in kept}
    return [Champion(one, records.get(one.recorded_at)) for one in ledger.deployments(model)]


def _training(decision: Decision, gates: dict[str, Decision], overrides: list[Decision]) -> Training:
    run = str(decision.evidence).split("/")[2]
    said = {subject.partition("/")[2]: one for subject, one in gates.items() if subject.startswith(f"{run}/")}
    names = sorted(said, key=[*Gates.model_fields, *said].index)  # a gate of former days comes last
    return Training(decision, [_chip(said[name], overrides) for name in names])


def _chip(decision: Decision, overrides: list[Decision]) -> GateChip:
    """The gate with the newest override of what it says now: see `include.card.rulings`."""
    answers = [
        one
        for one in overrides
        if one.subject == decision.subject
        and Override.model_validate_json(one.detail).answers(decision.outcome, decision.reason)
    ]
    return GateChip(decision.subject.partition("/")[2], decision, answers[-1] if answers else None)


def _followed(decisions: list[Decision]) -> list[Decision]:
    """What followed from the newest verdict, and before it on the days on which anything did; the newest first."""
    days = {one.subject: one for one in decisions}
    shown = (days[day] for day in sorted(days, reverse=True))
    return [one for place, one in enumerate(shown) if place == 0 or one.outcome != "nothing"][:FOLLOWED]


def _quarantined(ledger: Ledger, dataset: str) -> list[PartitionRecord]:
    return [one for one in ledger.partitions(dataset) if one.status == "quarantined"][::-1]


def _last(decisions: list[Decision]) -> Decision | None:
    return decisions[-1] if decisions else None
