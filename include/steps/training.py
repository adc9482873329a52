"""The steps of training: request, fit, evaluate, decide each gate."""

from include import gates
from include.errors import BadData, NotFound, NothingToDo
from include.evaluation import evaluate as evaluation
from include.evaluation import evidence
from include.evaluation.metrics import measure
from include.gates import GateResult
from include.ledger import Decision
from include.registry import runs
from include.registry.manifest import Manifest
from include.spec import load_model
from include.steps.place import day, lake, ledger, moment
from include.steps.step import Result
from include.training import fit as fitting


def request(model: str, as_of: str, reason: str, actor: str) -> Result:
    """Puts the request on record; its announcement is what wakes the training Dag."""
    load_model(model)
    day(as_of)
    ledger().record_decision(
        Decision(model=model, kind="training_request", subject=as_of, outcome="requested", reason=reason, actor=actor),
        once=True,
    )
    return Result(sentence=f"{model}: training as of {as_of} requested: {reason}", announces=(as_of,))


def fit(model: str, as_of: str, reason: str, known_at: str | None) -> Result:
    """Fits a challenger. Its reasons are the requests on record for that day; one that came without is put there."""
    spec, book = load_model(model), ledger()
    asked = [one.reason for one in book.decisions(model, kind="training_request", subject=as_of)]
    if not asked:
        request(model, as_of, reason, "asset event or by hand")
    why = "; ".join(dict.fromkeys(asked)) or reason
    known = None if known_at is None else moment(known_at)
    made = fitting.fit(spec, day(as_of), why, lake(), book, measure, known)
    return Result(
        sentence=f"{model} fitted on {made.training_rows} rows, {made.training_window} ({why}){_searched(made)}",
        facts={"run": made.run_id, "snapshot": made.training_snapshot, "rows": made.training_rows, "as_of": as_of},
        links={"MLflow run": runs.run_url(made.run_id)},
    )


def _searched(made: Manifest) -> str:
    """What a search came to, in words; nothing where there was none."""
    if made.search is None:
        return ""
    found, declared = made.search, "" if made.search.declared is None else f", {made.search.declared:.4f} as declared"
    trials = found.complete + found.pruned + found.failed
    return f"; best of {trials} trials: {found.metric} {found.best:.4f} on the search's folds{declared}"


def evaluate(model: str, run: str) -> Result:
    """Scores challenger and champion on the same rows and stores the evidence."""
    spec = load_model(model)
    found = evaluation.evaluate(spec, run, lake(), ledger()).summary
    against = f"champion v{found.champion_version}" if found.champion_version else "no champion"
    metrics = ", ".join(f"{name} {one.value:.4f}" for name, one in found.challenger_metrics.items())
    return Result(
        sentence=f"{model} on {found.rows} held-out rows against {against}: {metrics}",
        facts={"run": run, "rows": found.rows, "champion": found.champion_version},
        evidence=f"{evidence.folder(model, run)}/evidence.json",
        links={"MLflow run": runs.run_url(run)},
    )


def gate(model: str, run: str, gate: str) -> Result:
    """Decides one gate. The decision is on record before it is raised: refused is NothingToDo, error is BadData."""
    spec = load_model(model)
    if gate not in gates.DECIDE:
        raise NotFound(f"No gate '{gate}'. Gates: {', '.join(gates.DECIDE)}.")
    result = gates.decide(gate, evidence.load(model, run, lake()), spec.gates)
    place = evidence.gate_file(model, run, gate)
    lake().write_bytes(place, result.model_dump_json(indent=2).encode())
    ledger().record_decision(
        Decision(
            model=model, kind="gate", subject=f"{run}/{gate}", outcome=result.status, reason=result.sentence,
            actor="gate", evidence=place, detail=result.model_dump_json(),
        ),
        once=True,
    )  # fmt: skip
    return _gate_outcome(model, run, result, place)


def _gate_outcome(model: str, run: str, result: GateResult, place: str) -> Result:
    words = f"Gate '{result.gate}' of {model} (run {run[:8]}): {result.status}: {result.sentence}"
    if result.status == "error":
        raise BadData(f"{words}. Evidence: {place}", place)
    if not result.passed:
        raise NothingToDo(f"{words}. Evidence: {place}", place)
    return Result(sentence=words, evidence=place, facts={"checks": len(result.checks)})
