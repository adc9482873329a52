"""Dependencies run one way: dags -> plugins -> include, and inside include from steps down to spec."""

import ast
from pathlib import Path

import pytest

from include.settings import REPOSITORY

MAY_IMPORT_AIRFLOW = {"include/assets.py", "include/defaults.py"}
# Each package may import the ones after it, never the ones before.
ORDER = (
    "demo", "cli", "replay", "steps", "incident", "board", "openmetrics", "status", "lineage", "traffic", "release",
    "monitoring", "serving", "card", "gates", "rebuild", "evaluation", "training", "registry", "alerts", "drift",
    "features", "scaffold", "contract", "lake", "ledger", "platform", "spec", "settings", "errors",
    "chance", "client",
)  # fmt: skip


def imports(path: Path) -> set[str]:
    """Every module a file imports, at any depth."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def python_files(folder: str) -> list[Path]:
    return sorted((REPOSITORY / folder).rglob("*.py"))


def starts_with(names: set[str], *packages: str) -> list[str]:
    return sorted(name for name in names if name.split(".")[0] in packages)


@pytest.mark.parametrize("path", python_files("include"), ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_the_library_knows_nothing_of_airflow(path: Path) -> None:
    names = imports(path)
    assert starts_with(names, "plugins", "dags") == []
    if str(path.relative_to(REPOSITORY)) not in MAY_IMPORT_AIRFLOW:
        assert starts_with(names, "airflow") == []


def test_plugins_do_not_know_the_dags() -> None:
    for path in python_files("plugins"):
        assert starts_with(imports(path), "dags") == [], path


def test_packages_of_the_library_depend_one_way() -> None:
    wrong = [
        f"{path.relative_to(REPOSITORY)} imports include.{target}"
        for path in python_files("include")
        if (source := path.relative_to(REPOSITORY / "include").parts[0].removesuffix(".py")) in ORDER
        for name in imports(path)
        if name.startswith("include.") and (target := name.split(".")[1]) in ORDER
        if ORDER.index(target) < ORDER.index(source)
    ]
    assert wrong == []
