"""The last lines of a log, for an error message."""

from pathlib import Path

_LINES = 20
_BYTES = 16_384


def tail(log: Path, lines: int = _LINES) -> str:
    """The end of a log with its path: what a person needs to see first."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _BYTES))
            text = file.read().decode(errors="replace")
    except FileNotFoundError:
        return f"There is no log at {log}."
    last = "\n".join(f"  | {line}" for line in text.splitlines()[-lines:])
    return f"The last lines of {log}:\n{last}"
