"""The kept score: for each module that decides, how many mutants the tests notice, and of which source that is true."""

import ast
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from include.settings import REPOSITORY
from tests.mutation.trial import Subject

KEPT = Path("tests/mutation/score.json")
EQUIVALENT = Path("tests/mutation/equivalent.yaml")
MINIMUM = 1.0  # every mutant is noticed, or it is argued in equivalent.yaml why nobody could

# What decides: the gates, their rules, and the statistics they decide by.
GATES = {
    "include/gates": ("tests/unit/gates",),
    "include/spec/comparison.py": ("tests/unit/gates", "tests/unit/spec"),
    "include/spec/gates.py": ("tests/unit/gates", "tests/unit/spec"),
}
WATCH = {  # the verdicts and what follows from them
    "include/drift/tiers.py": ("tests/unit/drift",),
    "include/monitoring/policy.py": ("tests/unit/monitoring/test_policy_table.py",),
    "include/monitoring/performance.py": ("tests/unit/monitoring/test_performance_verdict.py",),
}
STATISTICS = (
    "association", "blocks", "by_group", "calibration", "calibration_line", "delong", "fairness",
    "gap", "groups", "intervals", "mcnemar", "means", "metrics", "paired", "power", "ranks", "reliability",
    "resampling", "skill", "slices", "tally", "worst_slice",
)  # fmt: skip


class Score(BaseModel):
    """One module's score. `source` is the fingerprint of the source it was taken of."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    mutants: int
    noticed: int
    equivalent: int
    survived: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """The noticed ones among those that somebody could notice."""
        possible = self.mutants - self.equivalent
        return self.noticed / possible if possible else 1.0


def subjects() -> Iterator[Subject]:
    """Every module that must have a score."""
    for place, tests in {**GATES, **WATCH}.items():
        paths = [REPOSITORY / place] if place.endswith(".py") else sorted((REPOSITORY / place).rglob("*.py"))
        yield from (Subject(str(path.relative_to(REPOSITORY)), tests) for path in paths)
    yield Subject("include/chance/false_discovery.py", ("tests/unit/chance",))
    yield from (Subject(f"include/evaluation/{name}.py", ("tests/unit/evaluation",)) for name in STATISTICS)


def kept() -> dict[str, Score]:
    """The scores on record, by path."""
    return {
        path: Score.model_validate(one)
        for path, one in json.loads((REPOSITORY / KEPT).read_text(encoding="utf-8")).items()
    }


def keep(scores: Mapping[str, Score]) -> None:
    """Puts the scores on record."""
    plain = {path: scores[path].model_dump(mode="json") for path in sorted(scores)}
    (REPOSITORY / KEPT).write_text(json.dumps(plain, indent=2) + "\n", encoding="utf-8")


def equivalent() -> dict[str, dict[str, str]]:
    """For each module the mutants that no test could notice, each with its reason."""
    return yaml.safe_load((REPOSITORY / EQUIVALENT).read_text(encoding="utf-8")) or {}


def outdated(scores: Mapping[str, Score]) -> list[str]:
    """The modules whose score is of another source than the present one, or that have none."""
    return [
        one.path for one in subjects() if one.path not in scores or scores[one.path].source != fingerprint(one.source)
    ]


def fingerprint(source: str) -> str:
    """The same for sources that do the same: comments, docstrings and layout do not count."""
    return hashlib.sha256(repr(_plain(ast.parse(source))).encode()).hexdigest()[:12]


def _plain(node: object) -> object:
    if isinstance(node, ast.AST):
        body = [one for one in ast.iter_child_nodes(node) if not _is_docstring(one)]
        values = [value for _, value in ast.iter_fields(node) if not isinstance(value, ast.AST | list)]
        return type(node).__name__, values, [_plain(one) for one in body]
    return node


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
