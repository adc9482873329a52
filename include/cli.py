"""The command line: every step by hand, two compositions of them, the ledger's migration and a status."""

import argparse
import json
import logging
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from include.errors import BadData, NothingToDo, PerennialError
from include.spec import load_model, load_models
from include.steps import ACTOR, REASON, SHARE, STEPS, VERSION, Result

XCOM = "/airflow/xcom/return.json"  # where a pod's sidecar looks for the result


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command. The exit code says what the caller can do: see `include.errors`."""
    given = parser().parse_args(arguments)
    logging.basicConfig(
        level=os.environ.get("PERENNIAL_LOG_LEVEL", "WARNING"), format="%(levelname)s %(name)s: %(message)s"
    )
    try:
        print(WITH_OWN_OPTIONS[given.command](given) if given.command in WITH_OWN_OPTIONS else _run(**vars(given)))
    except PerennialError as error:
        print(error, file=sys.stdout if isinstance(error, NothingToDo) else sys.stderr)
        return error.exit_code
    return 0


def parser() -> argparse.ArgumentParser:
    """Reads a command line; `python -m include --help` shows what it takes."""
    whole = argparse.ArgumentParser(prog="python -m include", description=__doc__)
    commands = whole.add_subparsers(dest="command", required=True, metavar="command")
    for step in STEPS.values():
        command = commands.add_parser(step.name, help=step.help, description=step.help)
        command.add_argument("target", metavar=step.target, help=f"the {step.target}'s name")
        for one in step.arguments:
            kind = _given if one.required else str
            command.add_argument(
                one.flag, dest=one.name, help=one.help, default=one.default, required=one.required, type=kind
            )
    train = commands.add_parser("train", help="fit, evaluate, gate and register in one go")
    train.add_argument("target", metavar="model")
    train.add_argument("--as-of", dest="as_of", required=True, help=STEPS["fit"].arguments[0].help)
    train.add_argument("--reason", default="by hand")
    release = commands.add_parser("release", help="smoke test and promote in one go; running it is the approval")
    release.add_argument("target", metavar="model")
    for one in STEPS["promote"].arguments:
        release.add_argument(one.flag, dest=one.name, help=one.help, default=one.default, required=one.required)
    rollout = commands.add_parser("rollout", help="hold, resume, advance, abort or compare what is on its way")
    rollout.add_argument("how", choices=("hold", "resume", "advance", "abort", "compare"))
    rollout.add_argument("target", metavar="model")
    for one in (SHARE, REASON, ACTOR):
        rollout.add_argument(one.flag, dest=one.name, help=one.help, default=one.default)
    backfill = commands.add_parser("backfill", help="do what is missing of a range of past days, one after the other")
    backfill.add_argument("target", metavar="dataset")
    backfill.add_argument("--from", dest="first", required=True, help="first day, YYYY-MM-DD")
    backfill.add_argument("--to", dest="last", required=True, help="last day, YYYY-MM-DD")
    reproduce = commands.add_parser("reproduce", help="make a version again and compare, bit for bit")
    reproduce.add_argument("target", metavar="model")
    reproduce.add_argument("version", help=VERSION.help)
    reproduce.add_argument(ACTOR.flag, dest=ACTOR.name, help=ACTOR.help, default=ACTOR.default)
    _add_replay(commands.add_parser("replay", help="run policies over the admitted history, side by side, as if live"))
    scaffold = commands.add_parser("scaffold", help="write a first folder for a model, guessed from a sample")
    scaffold.add_argument("name", metavar="model", help="its name: small letters, digits and _")
    scaffold.add_argument("samples", metavar="sample", nargs="+", help="Parquet files, or folders of them")
    scaffold.add_argument("--target", help="the column to predict; default: the last one of numbers or flags")
    scaffold.add_argument("--dataset", help="the dataset's name; default: the model's")
    scaffold.add_argument("--owner", help="who answers for data and model", default="REPLACE_ME")
    serve = commands.add_parser("serve", help="answer requests with the champions, over HTTP")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on; another than loopback needs keys")
    serve.add_argument("--port", type=int, default=8800)
    serve.add_argument("--workers", type=int, default=1, help="processes that answer")
    serve.add_argument("--keys", type=Path, default=os.environ.get("PERENNIAL_SERVING_KEYS") or None, help="JSON file")
    serve.add_argument("--roll-seconds", type=float, default=30.0, help="how long a record may wait for the lake")
    _add_traffic(commands.add_parser("traffic", help="replay admitted rows as live requests to the service"))
    key = commands.add_parser("serving-key", help="make a key for the service; it is shown once")
    key.add_argument("name", help="whose it is")
    key.add_argument("--models", default="*", help="models it may ask, with commas between; default: all")
    commands.add_parser("migrate", help="bring the ledger's tables up to date")
    commands.add_parser("metrics", help="what the ledger says as numbers, in OpenMetrics")
    status = commands.add_parser("status", help="what the ledger says of a model or dataset")
    status.add_argument("target", metavar="model-or-dataset")
    return whole


def _add_replay(command: argparse.ArgumentParser) -> None:
    command.add_argument("target", metavar="model")
    command.add_argument("--from", dest="first", required=True, help="first day served, YYYY-MM-DD")
    command.add_argument("--to", dest="last", required=True, help="last day served, YYYY-MM-DD")
    command.add_argument("--policy", action="append", default=[], help="name of one to try, repeatable; default: all")
    command.add_argument("--policies", help="YAML file of more policies: names, and below them keys of model.yaml")
    command.add_argument(
        "--false-alarms-a-year", type=float, help="suggest limits of drift with no more of them than this"
    )


def _add_traffic(command: argparse.ArgumentParser) -> None:
    command.add_argument("target", metavar="model")
    command.add_argument("--rate", type=_positive, default=50.0, help="requests in a second; they come at random")
    command.add_argument("--seconds", type=_positive, default=60.0)
    command.add_argument("--day", help="partition key of the rows; default: the newest admitted one")
    command.add_argument("--labels", action="store_true", help="tell the service afterwards what came true")


def _given(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("it is empty")
    return text


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError("it has to be above 0")
    return number


def _run(command: str, **options: str | None) -> str:
    if command == "migrate":
        from include.ledger import migrate  # noqa: PLC0415 - the ledger is imported by the commands that use it
        from include.settings import settings  # noqa: PLC0415

        migrate(settings().ledger_url)
        return "The ledger is up to date."
    if command == "metrics":
        return _metrics()
    target = str(options.pop("target"))
    composed: dict[str, Callable[..., str]] = {
        "status": _status,
        "reproduce": reproduce,
        "backfill": backfill,
        "train": train,
    }
    if command in composed:
        return composed[command](target, **{name: str(value) for name, value in options.items()})
    if command == "release":
        smoke = STEPS["smoke-test"].run(target, {"version": options["version"]})
        return f"{smoke.sentence}\n{STEPS['promote'].run(target, options).sentence}"
    result = STEPS["steer-rollout" if command == "rollout" else command].run(target, options)
    if os.path.isdir(os.path.dirname(XCOM)):
        with open(XCOM, "w", encoding="utf-8") as file:
            file.write(result.model_dump_json())
    return _shown(result)


def _scaffolded(given: argparse.Namespace) -> str:
    from include.scaffold import scaffold  # noqa: PLC0415 - Arrow is imported by the commands that use it

    return scaffold(given.name, given.samples, given.target, given.dataset, given.owner)


def _replayed(given: argparse.Namespace) -> str:
    from include import replay  # noqa: PLC0415 - numpy and scikit-learn are imported by the commands that use them
    from include.steps.place import day, lake, ledger  # noqa: PLC0415

    spec, first, last, store = load_model(given.target), day(given.first), day(given.last), lake()
    file = None if given.policies is None else Path(given.policies)
    found = replay.run(spec, first, last, given.policy, file, given.false_alarms_a_year, store, ledger(), _told)
    return f"\n{found.text}\n\nThe timeline: {store.locate(replay.folder(spec.name, first, last))}/timeline.html"


def _told(line: str) -> None:
    print(line, flush=True)


def _served(given: argparse.Namespace) -> str:
    from include.serving.service import serve  # noqa: PLC0415 - imported by the command that uses it

    serve(given.host, given.port, given.workers, given.keys, given.roll_seconds)
    return "The service ended; what was acknowledged is in its log."


def _sent(given: argparse.Namespace) -> str:
    from include.client import ModelClient  # noqa: PLC0415 - imported by the command that uses it
    from include.settings import settings  # noqa: PLC0415
    from include.steps.place import lake, ledger  # noqa: PLC0415
    from include.traffic import Traffic, replayed  # noqa: PLC0415

    spec = load_model(given.target)
    rows, key = replayed(spec, given.day, lake(), ledger()), os.environ.get("PERENNIAL_SERVICE_KEY")
    with ModelClient(settings().service, spec.name, key=key, tries=1) as client:
        with Traffic(client, rows, given.rate, labels=given.labels) as traffic:
            time.sleep(given.seconds)
        return traffic.told


def _key(given: argparse.Namespace) -> str:
    from include.serving.keys import made  # noqa: PLC0415 - imported by the command that uses it

    shown, kept = made(given.name, given.models.split(","))
    return f"{shown}\nis shown this once. Add its hash to the list in the file of keys:\n{kept.model_dump_json()}"


WITH_OWN_OPTIONS: dict[str, Callable[[argparse.Namespace], str]] = {
    "replay": _replayed,
    "scaffold": _scaffolded,
    "serve": _served,
    "traffic": _sent,
    "serving-key": _key,
}


def _metrics() -> str:
    from include.openmetrics import collect, render  # noqa: PLC0415 - Arrow is imported by the commands that use it
    from include.steps.place import lake, ledger  # noqa: PLC0415

    return render(collect(load_models(), ledger(), lake())).removesuffix("\n")


def _status(target: str) -> str:
    from include.status import status  # noqa: PLC0415 - the ledger is imported by the commands that use it

    return status(target)


def train(model: str, as_of: str, reason: str) -> str:
    """Fit, evaluate, decide every gate and register. A refusal is NothingToDo, as in the Dag."""
    fitted = STEPS["fit"].run(model, {"as_of": as_of, "reason": reason})
    run = str(fitted.facts["run"])
    lines = [fitted.sentence, STEPS["evaluate"].run(model, {"run": run}).sentence]
    for gate in load_model(model).gates.names:
        try:
            lines.append(STEPS["gate"].run(model, {"run": run, "gate": gate}).sentence)
        except NothingToDo as refusal:
            lines.append(str(refusal))
    try:
        lines.append(STEPS["register"].run(model, {"run": run}).sentence)
    except NothingToDo as refusal:
        raise NothingToDo("\n".join([*lines, str(refusal)])) from None
    return "\n".join(lines)


def backfill(dataset: str, first: str, last: str) -> str:
    """Admits and scores what is missing, a line per day as it is done. BadData, at the end, where a day is wrong."""
    from include.steps.backfill import days  # noqa: PLC0415 - imported by the command that uses it

    count, done, wrong = 0, 0, []
    for one in days(dataset, first, last):
        count, done = count + 1, done + len(one.done)
        print(f"{one.key}  {'; '.join((*one.done, *one.wrong)) or 'nothing to do'}", flush=True)
        wrong += [one.key] if one.wrong else []
    if wrong:
        raise BadData(
            f"{dataset}: {len(wrong)} of {count} days are not complete: {', '.join(wrong)}. {done} steps done."
        )
    return f"{dataset}: {count} days from {first} to {last} are complete; {done} steps done."


def reproduce(model: str, version: str, actor: str) -> str:
    """What came of making the version again, each input and result on a line. BadData where one of them differs."""
    from include import rebuild  # noqa: PLC0415 - numpy and MLflow are imported by the commands that use them
    from include.steps.place import lake, ledger  # noqa: PLC0415

    return rebuild.reproduce(model, version, actor, lake(), ledger()).report


def _shown(result: Result) -> str:
    details = {**result.facts, **result.links, **({"evidence": result.evidence} if result.evidence else {})}
    return f"{result.sentence}\n{json.dumps(details, indent=2)}" if details else result.sentence
