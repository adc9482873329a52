"""Stop a platform, and forget one."""

import shutil
from pathlib import Path

from include.platform.ending import Say, end, members
from include.platform.home import Home
from include.platform.servers import SERVERS, WORKERS


def stop(home: Path | str | None = None, say: Say = print) -> None:
    """Stop every process of the platform. Its state stays, and the next start goes on from it."""
    place = Home.at(home)
    if not place.root.exists():
        say("not running")
        return
    with place.locked():
        _stop(place, say)


def _stop(place: Home, say: Say) -> None:
    before = len(members(place))
    if not before:
        say("not running")
        return
    end(place, WORKERS, say)  # first, so that a task which ends now can still report
    end(place, SERVERS, say)
    say(f"stopped {before} processes")


def clean(home: Path | str | None = None, say: Say = print) -> None:
    """Stop the platform and delete all it ever wrote: runs, models, ledger, lake. Foreign files stay."""
    place = Home.at(home)
    if not place.root.exists():
        say(f"{place.root} does not exist: nothing to delete")
        return
    with place.locked():
        _stop(place, say)
        for entry in place.entries():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink(missing_ok=True)
    if any(place.root.iterdir()):
        say(f"deleted the platform's files in {place.root}; files of others stay there")
    else:
        place.root.rmdir()
        say(f"deleted {place.root}")
