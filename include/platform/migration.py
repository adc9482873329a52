"""The databases of the platform, brought to the schema of the installed libraries before a server opens them."""

import subprocess
from collections.abc import Mapping

from include.errors import Outage
from include.platform.ending import Say
from include.platform.home import Home
from include.platform.servers import Schema
from include.platform.tail import tail


def is_current(schema: Schema, known: Mapping[str, str]) -> bool:
    """Whether there is nothing to migrate: the installed version did it before, or the server will make it afresh."""
    if not schema.database.exists():
        return schema.made_by_server
    return known.get(schema.name) == schema.version


def migrate(home: Home, schema: Schema, environ: Mapping[str, str], say: Say) -> None:
    """Run a migration to its end. It has a session of its own: Ctrl-C must not leave half a schema."""
    say(f"{schema.name}: bringing its database to version {schema.version}")
    log = home.log_of(f"{schema.name}-migration")
    with log.open("wb") as output:
        done = subprocess.run(
            schema.command,
            env=environ,
            cwd=home.root,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            check=False,
        )
    if done.returncode != 0:
        raise Outage(
            f"The migration of {schema.name}'s database {schema.database} ended with {done.returncode}. {tail(log)}"
        )
