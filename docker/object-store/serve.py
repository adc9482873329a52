"""Runs the object store of one machine: OpenStack Swift's servers behind its S3 interface, one replica on one volume.

The access key has the form `account:user`. The first server to end ends the container: it is started anew as a whole.
"""

import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path
from string import ascii_letters, digits

CONFIGURATION = Path("/etc/swift")
TEMPLATES = Path("/opt/object-store")
DATA = Path("/srv/node")
SERVERS = ("account-server", "container-server", "object-server", "proxy-server")
DEVICE = DATA / "d1"  # every name beside it would be taken for a disk
HASH_SUFFIX = DEVICE / "hash-suffix"


def hash_suffix() -> str:
    """The suffix that all stored paths were hashed with; made once, then kept beside the data it belongs to."""
    DEVICE.mkdir(exist_ok=True)
    if not HASH_SUFFIX.exists():
        fresh = HASH_SUFFIX.with_suffix(".new")
        fresh.write_text(secrets.token_hex(16))
        fresh.replace(HASH_SUFFIX)
    return HASH_SUFFIX.read_text()


def credentials() -> dict[str, str]:
    """Account, user and secret key from the environment; refuses what a configuration line cannot hold."""
    account, _, user = os.environ["OBJECT_STORE_ACCESS_KEY"].partition(":")
    secret_key = os.environ["OBJECT_STORE_SECRET_KEY"]
    for name, value in (("account", account), ("user", user), ("OBJECT_STORE_SECRET_KEY", secret_key)):
        if not value or set(value) - set(ascii_letters + digits):
            sys.exit(f"object store: {name} must be letters and digits only; OBJECT_STORE_ACCESS_KEY is `account:user`")
    return {"account": account, "user": user, "secret_key": secret_key}


def configure() -> None:
    """Write swift.conf and the servers' files from the templates, readable for this user alone."""
    os.umask(0o077)
    values = {**credentials(), "hash_suffix": hash_suffix()}
    for template in TEMPLATES.glob("*.conf"):
        (CONFIGURATION / template.name).write_text(template.read_text().format(**values))


def start() -> list[subprocess.Popen[bytes]]:
    """All servers, and the updater that repairs listings."""
    commands = [[f"swift-{server}", str(CONFIGURATION / f"{server}.conf"), "verbose"] for server in SERVERS]
    commands.append(["swift-object-updater", str(CONFIGURATION / "object-server.conf"), "verbose"])
    return [subprocess.Popen(command) for command in commands]


def main() -> int:
    """Serve until told to stop (0) or until one of the servers ends by itself (1)."""
    configure()
    stop: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: stop.append(received))
    processes = start()
    while not stop and all(process.poll() is None for process in processes):
        time.sleep(0.5)
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(timeout=20)
    return 0 if stop else 1


if __name__ == "__main__":
    sys.exit(main())
