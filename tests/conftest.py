"""One installation per test: a lake, a ledger and a models folder under `tmp_path`, found through the environment."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from include.lake import Store
    from include.ledger import Ledger


MANY = 3


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says where a mutation score is older than the code: an edit need not wait for it, and nobody forgets it."""
    from tests.mutation.score import kept, outdated  # noqa: PLC0415 - after the tests, not before them

    if changed := outdated(kept()):
        if len(changed) > MANY:
            changed = [*changed[:MANY], f"{len(changed) - MANY} more"]
        terminalreporter.write_line(
            f"Changed since their mutation score was taken (make mutants): {', '.join(changed)}"
        )


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Store":
    """An empty lake, the one steps and operators find."""
    from include.lake import Store  # noqa: PLC0415 - most tests need no Arrow

    monkeypatch.setenv("PERENNIAL_LAKE", str(tmp_path / "lake"))
    return Store.open(str(tmp_path / "lake"))


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite ledger with its tables, to be copied."""
    from include.ledger import migrate  # noqa: PLC0415 - most tests need no SQL

    file = tmp_path_factory.mktemp("ledger") / "ledger.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture
def ledger(migrated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Ledger":
    """An empty ledger, the one steps and operators find."""
    from include.ledger import Ledger  # noqa: PLC0415 - most tests need no SQL

    url = f"sqlite:///{shutil.copy(migrated, tmp_path / 'ledger.db')}"
    monkeypatch.setenv("PERENNIAL_LEDGER_URL", url)
    return Ledger.open(url)


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for models, the one the loader reads."""
    folder = tmp_path / "models"
    folder.mkdir()
    monkeypatch.setenv("PERENNIAL_MODELS", str(folder))
    return folder
