"""Renders the board's pages from the ledger alone."""

from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from include.errors import NotFound
from include.ledger import Decision, Deployment, Ledger, PartitionRecord
from include.spec import ContractSpec, ModelSpec, load_models

TEMPLATES = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined)
NEWEST = 40


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
class Training:
    """One judged challenger with what each gate said."""

    decision: Decision
    run: str
    gates: list[Decision]


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
    gates = ledger.decisions(name, kind="gate")
    trainings = [_training(one, gates) for one in ledger.decisions(name, kind="registration")]
    verdicts = {one.subject: one for one in ledger.decisions(name, kind="watch")}
    return TEMPLATES.get_template("model.html").render(
        spec=spec,
        deployments=ledger.deployments(name)[::-1],
        trainings=trainings[::-1],
        verdicts=[verdicts[day] for day in sorted(verdicts)],
        decisions=ledger.decisions(name)[::-1][:NEWEST],
    )


def _training(decision: Decision, gates: list[Decision]) -> Training:
    run = str(decision.evidence).split("/")[2]
    newest = {one.subject.partition("/")[2]: one for one in gates if one.subject.startswith(f"{run}/")}
    return Training(decision, run, list(newest.values()))


def _quarantined(ledger: Ledger, dataset: str) -> list[PartitionRecord]:
    return [one for one in ledger.partitions(dataset) if one.status == "quarantined"][::-1]


def _last(decisions: list[Decision]) -> Decision | None:
    return decisions[-1] if decisions else None
