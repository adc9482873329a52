"""A real Postgres for tests: the one PERENNIAL_TEST_POSTGRES_URL names, or a private one from Debian's package.

PERENNIAL_TEST_POSTGRES=none leaves Postgres out, and the summary of the run says so.
"""

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
from pathlib import Path

import psycopg2
import pytest

WANTED = os.environ.get("PERENNIAL_TEST_POSTGRES") != "none"
REMEDY = (
    "Name a server with PERENNIAL_TEST_POSTGRES_URL=postgresql+psycopg2://user@host/database (databases are created "
    "there and dropped), install Debian's postgresql package, or leave Postgres out with PERENNIAL_TEST_POSTGRES=none."
)


@contextmanager
def server() -> Iterator[str]:
    """The address of a running server's maintenance database."""
    given = os.environ.get("PERENNIAL_TEST_POSTGRES_URL")
    if given:
        yield given
        return
    with _private_server(_binaries()) as url:
        yield url


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


def _binaries() -> Path:
    found = _installed()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        _install()
        found = _installed()
    if found is None:
        pytest.fail(f"The ledger's tests need a Postgres server and found none. {REMEDY}", pytrace=False)
    return found


def _installed() -> Path | None:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    return versions[-1].parent if versions else None


def _install() -> None:
    """Debian's package, without the cluster it would start by itself."""
    apt = ["apt-get", "install", "-y", "-q", "--no-install-recommends"]
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for package in ("postgresql-common", "postgresql"):
        subprocess.run([*apt, package], env=quiet, stdout=subprocess.DEVNULL, timeout=600, check=False)
        settings = Path("/etc/postgresql-common/createcluster.conf")
        if settings.exists() and "\ncreate_main_cluster" not in settings.read_text():
            settings.write_text(settings.read_text() + "\ncreate_main_cluster = false\n")


@contextmanager
def _private_server(binaries: Path) -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="perennial-postgres-"))
    if os.geteuid() == 0:  # Postgres refuses to run as root
        account = pwd.getpwnam("postgres")
        os.chown(folder, account.pw_uid, account.pw_gid)
    try:
        with _running(binaries, folder) as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(binaries: Path, folder: Path) -> Iterator[str]:
    data, log, port = folder / "data", folder / "postgres.log", _free_port()
    options = ["--auth=trust", "--username=perennial", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    subprocess.run([*_as_postgres(), binaries / "initdb", "-D", data, *options], check=True, stdout=subprocess.DEVNULL)
    settings = ["listen_addresses=127.0.0.1", f"port={port}", f"unix_socket_directories={folder}", "fsync=off"]
    arguments = [part for setting in settings for part in ("-c", setting)]
    with log.open("wb") as output:
        process = subprocess.Popen([*_as_postgres(), binaries / "postgres", "-D", data, *arguments], stderr=output)
    try:
        url = f"postgresql+psycopg2://perennial@127.0.0.1:{port}/postgres"
        _wait(url, process, log)
        yield url
    finally:
        process.send_signal(signal.SIGINT)  # fast shutdown
        process.wait(timeout=30)


def _as_postgres() -> list[str]:
    """Runs the rest as the account Postgres insists on, and ends it with this process, however that ends."""
    account = ["--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    return ["setpriv", "--pdeathsig=INT", *account]


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
