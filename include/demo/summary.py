"""What happened, from the ledger alone: partitions, versions and verdicts, champions, drift, and what to open."""

from include.demo.progress import Progress
from include.demo.story import DATASET, MODELS
from include.evaluation import evidence
from include.lake.store import Store
from include.ledger import Decision, Ledger
from include.platform.running import Platform
from include.settings import settings


def show(platform: Platform, progress: Progress) -> None:
    """Prints the summary."""
    progress.chapter("What happened")
    ledger, lake = Ledger.open(), Store.open(settings().lake)
    print("\n".join([*_partitions(ledger), *(line for model in MODELS for line in _model(model, ledger, lake))]))
    print("\n".join(_links(platform)))


def _partitions(ledger: Ledger) -> list[str]:
    admitted = ledger.admitted(DATASET)
    refused = [one for one in ledger.partitions(DATASET) if one.status == "quarantined"]
    rows = sum(one.rows or 0 for one in admitted)
    lines = ["", f"Dataset {DATASET}: {len(admitted)} partitions admitted, {rows:,} rows; {len(refused)} quarantined"]
    return lines + [f"  {one.key}  {str(one.reason).partition('quarantined, ')[2][:120]}" for one in refused]


def _model(model: str, ledger: Ledger, lake: Store) -> list[str]:
    lines = ["", f"Model {model}", "  trainings"]
    lines += [f"    {_training(model, one, lake)}" for one in ledger.decisions(model, kind="registration")]
    lines += ["  champions"]
    deployments = ledger.deployments(model)
    for one, following in zip(deployments, [*deployments[1:], None], strict=True):
        until = f"{following.recorded_at:%H:%M:%S}" if following else "now"
        since = f"from {one.recorded_at:%H:%M:%S} to {until} UTC"
        lines.append(f"    v{one.version} {since}, {one.action} by {one.actor}: {one.reason}")
    lines += ["  drift verdicts, one letter a day (o ok, w warn, A alert, C critical)"]
    letters = {"ok": "o", "warn": "w", "alert": "A", "critical": "C"}
    verdicts = {one.subject: one for one in ledger.decisions(model, kind="watch")}
    days = sorted(verdicts)
    if days:
        lines.append(f"    {days[0]} {''.join(letters[verdicts[day].outcome] for day in days)} {days[-1]}")
        lines.append(f"    newest: {verdicts[days[-1]].reason}")
    asked = [one for one in ledger.decisions(model, kind="training_request") if one.actor == "watch"]
    return lines + [f"    training requested as of {one.subject}: {one.reason}" for one in asked]


def _training(model: str, decision: Decision, lake: Store) -> str:
    run = str(decision.evidence).split("/")[2]
    found = evidence.load_summary(model, run, lake)
    champion = found.champion_metrics or {}
    metrics = ", ".join(
        f"{name} {one.value:.4f}" + (f" (champion {champion[name].value:.4f})" if name in champion else "")
        for name, one in list(found.challenger_metrics.items())[:2]
    )
    name = f"v{decision.subject}" if decision.outcome == "registered" else "refused"
    why = "" if decision.outcome == "registered" else f": {decision.reason}"
    return f"as of {found.as_of} {name}: {metrics}{why}"


def _links(platform: Platform) -> list[str]:
    airflow, password = platform.airflow_url, platform.passwords["admin"]
    return [
        "",
        f"Open Airflow  {airflow}   as admin / {password}",
        f"  the training runs   {airflow}/dags/train_flight_delay",
        f"  the daily watch     {airflow}/dags/watch_flight_delay",
        f"  the assets          {airflow}/assets",
        f"Open MLflow   {platform.mlflow_url}",
        f"The lake is {settings().lake}. `make down` stops everything, `make clean` removes it.",
    ]
