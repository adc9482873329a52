"""Local files that appear whole or not at all."""

import errno
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

UNFINISHED = ".unfinished"
ABANDONED_SECONDS = 24 * 3600


@contextmanager
def scratch(parent: Path) -> Iterator[Path]:
    """A folder of one's own below `parent`, gone at the end; what killed processes left is removed after a day."""
    folder = parent / uuid.uuid4().hex
    folder.mkdir(parents=True)
    _remove_abandoned(parent)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def files(folder: str) -> Iterator[tuple[str, int, int]]:
    """Path, size and date in nanoseconds of every file at any depth; links are not followed.

    A name in no encoding is given as Python's own file functions take it.
    """
    waiting = [] if Path(folder).is_symlink() else [folder]
    while waiting:
        with suppress(FileNotFoundError, NotADirectoryError), os.scandir(waiting.pop()) as found:
            for one in found:
                if one.is_dir(follow_symlinks=False):
                    waiting.append(one.path)
                elif one.is_file(follow_symlinks=False):
                    with suppress(FileNotFoundError):
                        about = one.stat(follow_symlinks=False)
                        yield one.path, about.st_size, about.st_mtime_ns


def replace_file(target: Path, data: bytes) -> None:
    """Writes the file in one step, on the disk when this returns."""
    _make(target.parent)
    unfinished = target.with_name(f".{uuid.uuid4().hex}{UNFINISHED}")
    try:
        with unfinished.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
        _settle(target.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def move_file(source: Path, target: Path) -> None:
    """Puts a finished file in its place in one step, on the disk when this returns, also from another file system."""
    with source.open("rb") as file:
        os.fsync(file.fileno())
    _make(target.parent)
    try:
        source.replace(target)
        _settle(target.parent)
    except OSError as problem:
        if problem.errno != errno.EXDEV:
            raise
        beside = target.with_name(f".{uuid.uuid4().hex}{UNFINISHED}")
        try:
            shutil.copyfile(source, beside)
            move_file(beside, target)
        finally:
            beside.unlink(missing_ok=True)
        source.unlink()


def _make(folder: Path) -> None:
    """Makes the folder and those above it, on the disk when this returns."""
    if not folder.is_dir():
        _make(folder.parent)
        folder.mkdir(exist_ok=True)
        _settle(folder.parent)


def _settle(folder: Path) -> None:
    """Puts the names in a folder on the disk: without it, a file that is whole may have no name after a power cut."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _remove_abandoned(parent: Path) -> None:
    for folder in parent.iterdir():
        with suppress(FileNotFoundError):
            if time.time() - folder.stat().st_mtime > ABANDONED_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)
