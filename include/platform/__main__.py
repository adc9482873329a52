"""`python -m include.platform up|down|status|clean|run`: the local platform by hand."""

import argparse
import os
import sys
from pathlib import Path

from include.errors import PerennialError
from include.platform import Platform, ServerStatus, clean, platform, start, status, stop
from include.platform.credentials import ADMIN, DEMO

INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except PerennialError as problem:
        print(f"\n{problem}", file=sys.stderr)
        return problem.exit_code
    except KeyboardInterrupt:
        print("\nInterrupted. Servers that were started go on: see `make status`, `make down`.", file=sys.stderr)
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m include.platform", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="up|down|status|clean|run")
    for name, run, words in (
        ("up", _up, "start Airflow and MLflow, or repair what died, and wait until they work"),
        ("down", _down, "stop them; their state stays"),
        ("status", _status, "show every server; ends with 1 if one is not ready"),
        ("clean", _clean, "stop them and delete their state"),
        ("run", _run, "run a command with the platform's addresses and settings in its environment"),
    ):
        command = commands.add_parser(name, help=words, description=words)
        command.set_defaults(run=run)
        command.add_argument("--home", type=Path, help="state folder (default: PERENNIAL_HOME, or .perennial here)")
        if name == "up":
            command.add_argument("--airflow-port", type=_port)
            command.add_argument("--mlflow-port", type=_port)
            command.add_argument("--service-port", type=_port)
            command.add_argument("--dags-folder", type=Path)
        if name == "run":
            command.add_argument("command", nargs=argparse.REMAINDER)
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 < port < 2**16:
        raise argparse.ArgumentTypeError(f"{text} is no port: choose 1024 to 65535")
    return port


def _up(options: argparse.Namespace) -> int:
    started = start(
        options.home,
        airflow_port=options.airflow_port,
        mlflow_port=options.mlflow_port,
        service_port=options.service_port,
        dags_folder=options.dags_folder,
    )
    print(f"\n{_addresses(started)}")
    return 0


def _down(options: argparse.Namespace) -> int:
    stop(options.home)
    return 0


def _clean(options: argparse.Namespace) -> int:
    clean(options.home)
    return 0


def _status(options: argparse.Namespace) -> int:
    servers = status(options.home)
    print("\n".join(_row(server) for server in servers))
    if any(server.process for server in servers):
        print(f"\n{_addresses(platform(options.home))}")
    return 0 if all(server.ready for server in servers) else 1


def _run(options: argparse.Namespace) -> int:
    if not options.command:
        raise SystemExit("Say which command: python -m include.platform run python -m include status flight_delay")
    os.execvpe(options.command[0], options.command, os.environ | platform(options.home).environment())  # noqa: S606


def _row(server: ServerStatus) -> str:
    if server.process is None:
        return f"{server.name:14} {server.problem}"
    return (
        f"{server.name:14} {server.problem or 'ready':24} pid {server.process.pid}, up {server.uptime_seconds:.0f} s, "
        f"{server.processes} processes, {server.memory_mb:.0f} MB"
    )


def _addresses(found: Platform) -> str:
    passwords = found.passwords
    return (
        f"Airflow  {found.airflow_url}   {ADMIN} / {passwords[ADMIN]}, or {DEMO} / {passwords[DEMO]} to run Dags only\n"
        f"MLflow   {found.mlflow_url}\n"
        f"Service  {found.service_url}/docs\n"
        f"State    {found.home.root}   logs in {found.home.logs}"
    )


if __name__ == "__main__":
    sys.exit(main())
