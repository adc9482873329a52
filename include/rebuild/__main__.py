"""`python -m include.rebuild FOLDER [--fit]`: what `reproduce` runs in the checkout of the model's commit.

What it reads from the folder and writes there is a promise of every commit to all later ones.
"""

import sys
from pathlib import Path

from include.errors import PerennialError
from include.lake.store import Store
from include.rebuild.again import answer
from include.settings import settings


def main(arguments: list[str]) -> int:
    """Ends with the exit code of the problem, if there is one, and its message on standard error."""
    try:
        answer(Path(arguments[0]), "--fit" in arguments[1:], Store.open(settings().lake))
    except PerennialError as problem:
        print(problem, file=sys.stderr)  # noqa: T201 - the caller reads it
        return problem.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
