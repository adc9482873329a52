"""Whether the libraries installed here are those of a lock."""

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.requirements import Requirement

from include.rebuild.comparison import Compared


def other_libraries(lock: Path) -> tuple[Compared, ...]:
    """Each library that the lock wants on this machine in another version than is installed."""
    compared = (
        Compared(name=f"library {name}", recorded=wanted, found=_installed(name)) for name, wanted in _locked(lock)
    )
    return tuple(one for one in compared if not one.equal)


def _locked(lock: Path) -> Iterator[tuple[str, str]]:
    """Name and version of each line that applies to this machine; hashes and comments are indented or begin with #."""
    for line in lock.read_text(encoding="utf-8").splitlines():
        if line and (line[0].isalnum() or line[0] == "_"):
            wanted = Requirement(line.removesuffix("\\").strip())
            if wanted.marker is None or wanted.marker.evaluate():
                yield wanted.name, ",".join(one.version for one in wanted.specifier)


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
