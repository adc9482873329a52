"""A release while the ledger's database, the service's processes and MLflow are killed under it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from include.cli import train
from include.lake import Store
from include.ledger import Ledger, migrate
from include.platform.ports import free_port
from include.registry import registry
from tests import postgres
from tests.declared import admit_days, declare
from tests.integration.conftest import MODEL
from tests.killing import NEVER, kill, steps
from tests.landing import TRIPS
from tests.releasing import BEGINNING, DECLARED, MOVED, NAME, Release, Witness, steps_to_champion
from tests.service import Service, promoted, rolled, running, until


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Iterator[postgres.Running]:
    """A ledger on a server that may be killed; this process's environment points at it."""
    with postgres.private_server() as server, postgres.database(server.url) as url:
        monkeypatch.setenv("PERENNIAL_LEDGER_URL", url)
        migrate()
        yield server


def installed(models: Path, lake: Store, ledger: Ledger) -> None:
    """Version 1 is champion, version 2 passed its gates."""
    declare(models, model=DECLARED, contract=TRIPS)
    admit_days("2013-01-01", 40, lake, ledger)
    train(NAME, "2013-02-06", "test")
    promoted(NAME, "1", ledger)
    train(NAME, "2013-02-08", "test")


@pytest.mark.timeout(3600)
def test_a_release_goes_on_where_it_was_when_database_and_service_come_back(
    models: Path,
    lake: Store,
    tracking: str,
    database: postgres.Running,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The database dies at every change of every step, a worker before each step, the whole service before three."""
    installed(models, lake, Ledger.open())
    with running(tmp_path, "--workers", "2") as service:
        monkeypatch.setenv("PERENNIAL_SERVICE", str(service.client.base_url))
        until(service.ready, "the service is ready", service.log)
        with steps(tmp_path) as doomed, Witness(str(service.client.base_url)) as witness:
            release = Release(doomed, service, Ledger.open)
            back = ("roll-back", {"reason": "the drill", "actor": "ann", "since": BEGINNING})
            for number, (step, arguments) in enumerate([*steps_to_champion(), back]):
                _kill_service(service, whole=number % 4 == 3)
                release.is_right()
                release.step(step, arguments, lambda _: _came_back(database), victim=lambda: database.process.pid)
        assert all("has no champion that is loaded here" in one for one in witness.refused)
        assert witness.cut_off
    book = Ledger.open()
    assert [one.version for one in book.deployments(NAME)] == ["1", "2", "1"]
    assert [(one.version, one.stage, one.share) for one in book.rollouts(NAME)] == [*MOVED, ("2", "rolled_back", 0)]
    assert witness.acknowledged <= {one["prediction_id"] for one in rolled(Path(lake.uri), NAME)}
    assert {"stage", "promote", "roll-back"} <= release.deaths.keys()


def _came_back(database: postgres.Running) -> bool:
    """Whether it was dead; then it is started again."""
    if database.process.poll() is None:
        return False
    database.start()
    return True


def _kill_service(service: Service, *, whole: bool) -> None:
    """One of its workers, or all that belongs to it; it comes back by itself, or is started again."""
    if not whole:
        service.workers()[0].kill()
    else:
        kill(service.process.pid)
        service.process.wait()
        service.start()
    until(lambda: len(service.workers()) == 2 and service.ready(), "the service is back", service.log)


class Mlflow:
    """MLflow's server, which may be killed and started again."""

    def __init__(self, store: str, home: Path) -> None:
        self.port, self._store, self._home = free_port(), store, home
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = ["mlflow", "server", "--port", str(self.port), "--workers", "1", "--backend-store-uri", self._store]
        with (self._home / "mlflow.log").open("ab") as log:
            self.process = subprocess.Popen([sys.executable, "-m", *command], stdout=log, stderr=log, cwd=self._home)
        until(self._answers, "MLflow answers", self._home / "mlflow.log")

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", trust_env=False).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        if self.process is not None and self.process.poll() is None:
            kill(self.process.pid)
            self.process.wait()


@pytest.fixture
def registry_server(tracking: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mlflow]:
    """A server on the registry of this test."""
    server = Mlflow(tracking, tmp_path)
    yield server
    server.kill()


@pytest.mark.timeout(3600)
def test_promotion_and_rollback_are_done_once_however_often_mlflow_dies_under_them(
    models: Path, lake: Store, ledger: Ledger, registry_server: Mlflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It dies at the first request of a step, the third, the ninth; the ledger moves at once or not at all."""
    declare(models, model=MODEL, contract=TRIPS)
    admit_days("2013-01-01", 40, lake, ledger)
    train(NAME, "2013-02-06", "test")
    promoted(NAME, "1", ledger)
    train(NAME, "2013-02-08", "test")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", registry_server.url)
    champions = {"promote": ["1", "2"], "roll-back": ["1", "2", "1"]}
    with steps(tmp_path) as doomed:
        for step, arguments in (("promote", {"version": "2"}), ("roll-back", {"reason": "the drill"})):
            outages = 0
            for asked in (0, 2, 8, NEVER):
                registry_server.start()
                ended = doomed.run(step, NAME, arguments, asking=asked, victim=registry_server.process.pid)
                assert ended.how in ("ok", "Outage"), ended
                outages += ended.how == "Outage"
                assert [one.version for one in ledger.deployments(NAME)] in (champions[step][:-1], champions[step])
                registry_server.kill()
                if ended.how == "ok":
                    break
            assert ended.how == "ok"
            assert outages
            assert [one.version for one in ledger.deployments(NAME)] == champions[step]
            registry_server.start()
            assert registry.aliased(NAME, "champion") == champions[step][-1]
            registry_server.kill()
