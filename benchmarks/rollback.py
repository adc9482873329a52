"""How long does a rollback take, from the decision to the last replica, and to the last answer of the old version?

Rollbacks and promotions in turn, while clients ask. Beside them: the five minutes the field allows.
"""

import argparse
import tempfile
from pathlib import Path
from statistics import median

from benchmarks.changing.changes import BY, followed
from benchmarks.changing.world import MODEL, Clients, model_hash, served
from benchmarks.reporting import finish, progress, table
from include.incident.roll_back import last_followed, roll_back
from include.spec import load_model
from tests.service import promoted

FIELD_SECONDS = 300.0


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rollback")
    parser.add_argument("--rollbacks", type=int, default=10)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--clients", type=int, default=4)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, served(Path(folder), chosen.workers) as (service, ledger):
        spec, newest = load_model(MODEL), model_hash("2")
        replicas: list[float] = []
        answers: list[float] = []
        with Clients(service, chosen.clients) as clients:
            for number in range(chosen.rollbacks):
                progress(f"rollback {number + 1} of {chosen.rollbacks}")
                promoted(MODEL, "2", ledger, newest)
                followed("promote", ledger)
                made = roll_back(spec, "1", BY, ledger)
                told = last_followed(MODEL, ledger)
                if told is None or told.missing or told.last is None:
                    raise AssertionError(f"not every replica followed: {told}")
                replicas.append(told.last)
                decided = made.recorded_at.timestamp()
                old = [at for at, _, _, version in list(clients.answers) if version == "2" and at > decided]
                answers.append(max(old, default=decided) - decided)
            failed = sum(status != 200 for _, _, status, _ in clients.answers)
            total = len(clients.answers)
    rows = [
        ["last replica follows", median(replicas), max(replicas), FIELD_SECONDS / median(replicas)],
        ["last answer of the old version", median(answers), max(answers), FIELD_SECONDS / max(median(answers), 1e-3)],
    ]
    head = ("seconds after the decision", "median", "worst", "times shorter than 5 minutes")
    table(f"{chosen.rollbacks} rollbacks, {chosen.workers} workers, {chosen.clients} clients", head, rows)
    print(f"\n{failed} of {total} requests failed.")
    finish("rollback", {"replicas": replicas, "answers": answers, "failed": failed, "requests": total})


if __name__ == "__main__":
    main()
