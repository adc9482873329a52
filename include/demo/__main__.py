"""`python -m include.demo`: the whole loop on the flights of 2013, run by the scheduler while you watch."""

import argparse
import os
import sys

from include.demo.progress import Progress
from include.errors import PerennialError
from include.platform.starting import start

SOMEBODYS = ("PERENNIAL_LAKE", "PERENNIAL_LEDGER_URL", "PERENNIAL_MODELS")  # never land made-up damage there


def main() -> int:
    """Starts the platform, plays the story on it and prints what happened."""
    parser = argparse.ArgumentParser(prog="python -m include.demo", description=__doc__)
    parser.add_argument("--airflow-port", type=int, default=None)
    parser.add_argument("--mlflow-port", type=int, default=None)
    parser.add_argument("--service-port", type=int, default=None)
    options = parser.parse_args()
    progress = Progress()
    for name in SOMEBODYS:
        if os.environ.pop(name, None):
            progress.note(f"{name} is set in this shell and is not used: the demonstration has a lake of its own")
    try:
        progress.chapter("Starting Airflow, MLflow and the service on this machine")
        ports = {name: value for name, value in vars(options).items() if name.endswith("_port")}
        platform = start(**ports, say=progress.note)
        os.environ.update(platform.environment())
        from include.demo import story, summary  # noqa: PLC0415 - they read the settings of the started platform

        story.play(platform, progress)
        summary.show(platform, progress)
    except PerennialError as problem:
        print(f"\n{problem}", file=sys.stderr)
        return problem.exit_code
    except KeyboardInterrupt:
        print("\nStopped watching. The platform goes on; `make demo` continues here, `make down` stops it.")
        return 130
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
