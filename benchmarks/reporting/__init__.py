"""What every benchmark prints: a table for people, and as the last line one JSON object for programs."""

import json
import platform
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

__all__ = ["finish", "machine", "median", "pick", "progress", "table"]


def progress(line: str) -> None:
    """One line on what runs now."""
    print(f"  {line}", flush=True)


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A Markdown table: the first column is text, the others are numbers."""
    written = [[_cell(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in [list(head), *written]) for column in range(len(head))]
    print(f"\n{title}\n")
    print(_line(head, widths))
    print("|" + "|".join(["-" * (widths[0] + 2), *("-" * (width + 1) + ":" for width in widths[1:])]) + "|")
    for row in written:
        print(_line(row, widths))


def finish(name: str, figures: Mapping[str, Any]) -> None:
    """The last line of a benchmark."""
    print()
    print(json.dumps({"benchmark": name, "figures": figures}, sort_keys=True), flush=True)


def pick(samples: Sequence[Mapping[str, Any]], *path: str) -> float:
    """The median over the samples of one figure, found by its keys."""
    return median(_follow(sample, path) for sample in samples)


def machine(cores: int) -> str:
    """Where it ran: absolute numbers mean nothing without it."""
    return f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {cores} cores"


def _follow(sample: Any, path: Sequence[str]) -> float:
    for key in path:
        sample = sample[key]
    return float(sample)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    numbers = [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)]
    return "| " + " | ".join([cells[0].ljust(widths[0]), *numbers]) + " |"


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}" if abs(value) < 1 else f"{value:.2f}" if abs(value) < 100 else f"{value:.0f}"
    return str(value)
