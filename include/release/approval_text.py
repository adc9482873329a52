"""What the approver reads, in Markdown: metrics side by side, what each gate said, where it comes from."""

from include.evaluation import evidence
from include.evaluation.estimate import Estimate
from include.lake.store import Store
from include.ledger import Ledger
from include.registry import registry, runs


def approval_text(model: str, number: str, store: Store, ledger: Ledger) -> str:
    """Metrics of challenger and champion on the same rows, every gate's sentence and the lineage."""
    wanted = registry.version(model, number)
    found = evidence.load_summary(model, wanted.run_id, store)
    champion = found.champion_metrics or {}
    title = f"champion v{found.champion_version}" if found.champion_version else "no champion yet"
    lines = [
        f"Held out: {found.held_out_window}, {found.rows} rows. Trained on {found.training_window}.",
        "",
        f"| metric | challenger v{number} | {title} |",
        "|---|---|---|",
        *(
            f"| {name} | {one.value:.4f} | {_or_dash(champion.get(name))} |"
            for name, one in found.challenger_metrics.items()
        ),
        "",
        *(
            f"- **{decision.subject.partition('/')[2]}** {decision.outcome}: {decision.reason}"
            for decision in sorted(ledger.decisions(model, kind="gate"), key=lambda one: one.subject)
            if decision.subject.startswith(f"{wanted.run_id}/")
        ),
        "",
        f"Model SHA-256 `{wanted.model_hash[:16]}`, data snapshot `{found.training_snapshot[:16]}`, "
        f"[MLflow run]({runs.run_url(wanted.run_id)})",
    ]
    return "\n".join(lines)


def _or_dash(found: Estimate | None) -> str:
    return "-" if found is None else f"{found.value:.4f}"
