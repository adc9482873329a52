"""Steps in processes of their own that die, or have a server die, at a chosen change they make.

`python -m tests.killing` imports what steps need once, and forks for each step it is told.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import psutil
from sqlalchemy import Engine, event

from include.settings import REPOSITORY

CHANGES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.truncate", "shutil.copyfile", "open"}
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
NEVER = 10**9


def dies_at(point: int, lake: str, victim: int = 0) -> Callable[..., None]:
    """From now on the n-th change to a database or to the lake kills this process, or the victim.

    What is given counts a change that neither database nor file system tells of.
    """
    left = [point]

    def reached(*_: Any, **__: Any) -> None:
        if left[0] == 0:
            kill(victim or os.getpid())
        left[0] -= 1

    def changes(name: str, arguments: tuple[Any, ...]) -> None:
        if name in CHANGES and (name != "open" or _writes(arguments)) and _inside(lake, arguments):
            reached()

    sys.addaudithook(changes)
    for moment in ("before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(Engine, moment, _writing(reached) if moment != "commit" else reached)
    return reached


def kill(victim: int) -> None:
    """SIGKILL to the process and to all that it started, so that none of a server's processes works on."""
    family = psutil.Process(victim).children(recursive=True) if victim != os.getpid() else []
    os.kill(victim, signal.SIGKILL)
    for one in family:
        with suppress(psutil.NoSuchProcess):
            one.kill()


def asks_at(point: int, victim: int) -> None:
    """From now on the n-th request this process sends kills the victim first."""
    left = [point]

    def requests(name: str, _: tuple[Any, ...]) -> None:
        if name == "http.client.send":
            if left[0] == 0:
                kill(victim)
            left[0] -= 1

    sys.addaudithook(requests)


def _inside(lake: str, arguments: tuple[Any, ...]) -> bool:
    return any(os.fspath(one).startswith(lake) for one in arguments if isinstance(one, str | os.PathLike))


def _writes(arguments: tuple[Any, ...]) -> bool:
    return bool(arguments[2] & WRITES)


def _writing(reached: Callable[[], None]) -> Any:
    def statement(connection: Any, cursor: Any, sql: str, *_: Any) -> None:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            reached()

    return statement


class Ended(NamedTuple):
    """How a step ended: killed, or `ok`, or by which kind of error and its message."""

    how: str
    message: str = ""


class Steps:
    """Runs steps one after the other, each in a process of its own."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def run(
        self, step: str, model: str, arguments: dict[str, str], *, at: int = NEVER, asking: int = NEVER, victim: int = 0
    ) -> Ended:
        """Runs it; at its n-th change, or before the n-th request it sends, the victim dies, or it itself."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {"step": step, "model": model, "arguments": arguments, "at": at, "asking": asking, "victim": victim}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return Ended(*json.loads(self._process.stdout.readline()))


@contextmanager
def steps(home: Path) -> Iterator[Steps]:
    """Steps that find everything through the environment of this process."""
    environ = {**os.environ, "PYTHONPATH": str(REPOSITORY), "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"}
    with (home / "steps.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.killing"], env=environ, cwd=home, text=True, stderr=log,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
    try:
        yield Steps(process)
    finally:
        process.communicate()


def _forked(order: dict[str, Any]) -> Ended:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        os.write(writer, json.dumps(_done(order)).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as said:
        told = said.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL, status
        return Ended("killed")
    return Ended(*json.loads(told))


def _done(order: dict[str, Any]) -> Ended:
    from include.errors import PerennialError  # noqa: PLC0415
    from include.settings import settings  # noqa: PLC0415
    from include.steps import STEPS  # noqa: PLC0415

    dies_at(order["at"], settings().lake, order["victim"])
    asks_at(order["asking"], order["victim"])
    try:
        return Ended("ok", STEPS[order["step"]].run(order["model"], order["arguments"]).sentence)
    except PerennialError as problem:
        return Ended(type(problem).__name__, str(problem))
    except BaseException as problem:
        return Ended("broken", repr(problem))


def main() -> None:
    """Forks for each line of orders, and answers with how it ended."""
    import mlflow  # noqa: F401, PLC0415 - once, not in each fork

    import include.steps.release  # noqa: PLC0415
    import include.steps.rollout  # noqa: PLC0415
    import include.steps.watching  # noqa: F401, PLC0415

    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what steps print is no answer
    for line in sys.stdin:
        answers.write(json.dumps(_forked(json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
