"""The command line: what it prints, what it exits with, and what it says of what it does not know."""

import json
from pathlib import Path

import pytest

from include import cli
from include.errors import BadData, Conflict, NotFound, NothingToDo, Outage, PerennialError, SpecError
from include.lake import Store
from include.ledger import Decision, Ledger, PartitionRecord
from include.steps import STEPS, Result, Step
from tests.declared import TRIPS, admit_days, declare


@pytest.fixture
def installed(models: Path, lake: Store, ledger: Ledger) -> Ledger:
    declare(models, contract=TRIPS)
    return ledger


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error."""
    code = cli.main(arguments)
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def failing(error: PerennialError) -> Step:
    """A step whose function ends like this."""

    def function(model: str) -> Result:
        raise error

    globals()["function"] = function
    return Step("echo", "model", "ends as it is told", f"{__name__}:function")


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (SpecError, 64),
        (BadData, 65),
        (NotFound, 66),
        (Outage, 75),
        (Conflict, 76),
        (NothingToDo, 99),
        (PerennialError, 1),
    ],
)
def test_each_way_to_end_has_its_exit_code_and_prints_its_message_only(
    kind: type[PerennialError], code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(STEPS, "echo", failing(kind("it was so")))
    found = run(capsys, "echo", "trip_late")
    assert found == ((code, "it was so\n", "") if kind is NothingToDo else (code, "", "it was so\n"))


def test_exit_codes_tell_the_kinds_apart_and_none_means_success() -> None:
    kinds = (SpecError, BadData, NotFound, Outage, Conflict, NothingToDo, PerennialError)
    assert len({kind.exit_code for kind in kinds}) == len(kinds)
    assert 0 not in {kind.exit_code for kind in kinds}


def test_a_step_prints_its_sentence_and_its_facts(installed: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "reject", "trip_late", "--version=4", "--reason", "too eager", "--actor", "ann")
    sentence, _, facts = out.partition("\n")
    assert (code, err) == (0, "")
    assert sentence == "trip_late v4 rejected by ann: too eager"
    assert json.loads(facts) == {"version": "4"}
    stored = installed.decisions("trip_late", kind="rejection")
    assert [(one.subject, one.actor, one.reason) for one in stored] == [("4", "ann", "too eager")]


def test_who_and_why_have_defaults(installed: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "request-training", "trip_late", "--as-of", "2013-04-01")[0] == 0
    stored = installed.decisions("trip_late", kind="training_request")
    assert [(one.subject, one.actor, one.reason) for one in stored] == [("2013-04-01", "command line", "by hand")]


@pytest.mark.parametrize("command", [name for name, step in STEPS.items() if step.target == "model"])
def test_an_unknown_model_names_those_there_are(
    command: str, installed: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [f"{one.flag}=2013-04-01" for one in STEPS[command].arguments]
    code, out, err = run(capsys, command, "boats", *given)
    assert (code, out) == (66, "")
    assert "No model 'boats'" in err
    assert "Models: trip_late." in err


@pytest.mark.parametrize("command", [name for name, step in STEPS.items() if step.target == "dataset"])
def test_an_unknown_dataset_names_those_there_are(
    command: str, installed: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [f"{one.flag}=2013-04-01" for one in STEPS[command].arguments]
    code, _, err = run(capsys, command, "boats", *given)
    assert code == 66
    assert "No dataset 'boats'" in err
    assert "Datasets: trips." in err


@pytest.mark.parametrize("command", ["request-training", "fit"])
def test_a_day_that_is_none_is_said_to_be_none(
    command: str, installed: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run(capsys, command, "trip_late", "--as-of", "yesterday")
    assert (code, err) == (66, "'yesterday' is no day. Write it as YYYY-MM-DD, such as 2013-04-01.\n")
    assert installed.decisions("trip_late") == []


def test_an_unknown_gate_names_those_there_are(installed: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "gate", "trip_late", "--run=r", "--gate=beauty")
    assert code == 66
    assert (
        "No gate 'beauty'. Gates: absolute_floor, champion_comparison, slices, fairness, calibration, robustness,"
        in err
    )


def test_a_broken_model_ends_with_the_code_of_a_broken_spec(
    models: Path, ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    declare(models, model="owner: [", contract=TRIPS)
    code, _, err = run(capsys, "request-training", "trip_late", "--as-of", "2013-04-01")
    assert code == 64
    assert "model.yaml" in err


def test_a_ledger_that_is_not_there_says_how_to_make_it_and_migrate_makes_it(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    declare(models, contract=TRIPS)
    monkeypatch.setenv("PERENNIAL_LEDGER_URL", f"sqlite:///{tmp_path}/new/ledger.db")
    code, _, err = run(capsys, "status", "trip_late")
    assert code == 66
    assert "python -m include migrate" in err
    assert run(capsys, "migrate") == (0, "The ledger is up to date.\n", "")
    assert run(capsys, "status", "trip_late")[0] == 0


@pytest.mark.parametrize(
    "arguments",
    [
        [], ["fly"], ["reproduce", "m"], ["fit", "trip_late"], ["promote"], ["fit", "m", "--as-of=x", "-x"],
        ["admit", "trips", "--key", ""],
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_read_ends_with_its_usage(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    assert caught.value.code == 2
    assert "usage: python -m include" in capsys.readouterr().err


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["--help"])
    shown = " ".join(capsys.readouterr().out.split())
    assert caught.value.code == 0
    assert [name for name, step in STEPS.items() if f" {name} {step.help}" not in shown] == []
    assert [name for name in ("train fit", "release smoke", "migrate bring", "status what") if name not in shown] == []


@pytest.mark.parametrize("command", STEPS)
def test_help_of_a_step_explains_its_arguments(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main([command, "--help"])
    shown = " ".join(capsys.readouterr().out.split())
    assert STEPS[command].help in shown
    assert all(one.flag in shown and one.help in shown for one in STEPS[command].arguments)


def test_a_pod_finds_the_result_where_its_sidecar_looks(
    installed: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "XCOM", str(tmp_path / "xcom" / "return.json"))
    asked = ("request-training", "trip_late", "--as-of", "2013-04-01")
    run(capsys, *asked)
    assert not tmp_path.joinpath("xcom").exists()
    tmp_path.joinpath("xcom").mkdir()
    run(capsys, *asked)
    stored = Result.model_validate_json(tmp_path.joinpath("xcom", "return.json").read_text())
    assert stored.announces == ("2013-04-01",)


# Status


def test_status_of_a_model_tells_champions_and_the_newest_decisions(
    installed: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "trip_late: no champion yet" in run(capsys, "status", "trip_late")[1]
    for number in range(20):
        installed.record_decision(
            Decision(model="trip_late", kind="watch", subject=f"day-{number}", outcome="ok", reason="fine", actor="w")
        )  # fmt: skip
    first = installed.record_deployment("trip_late", "1", "h", expected=None, action="promote", actor="ann", reason="r")
    installed.record_deployment("trip_late", "2", "h", expected=first, action="promote", actor="bob", reason="better")
    code, out, _ = run(capsys, "status", "trip_late")
    assert code == 0
    assert out.startswith("trip_late: champion v2\n")
    assert "promote v2 (before: 1) by bob: better" in out
    assert "day-19: ok: fine" in out
    assert "day-5: ok: fine" in out
    assert "day-4:" not in out


def test_status_of_a_dataset_tells_what_is_admitted(
    installed: Ledger, lake: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "status", "trips")[1] == "trips: 0 partitions admitted\n"
    admit_days("2013-01-01", 3, lake, installed)
    assert run(capsys, "status", "trips")[1] == "trips: 3 partitions admitted, 2013-01-01 to 2013-01-03\n"


def test_status_of_a_dataset_tells_what_is_in_quarantine_now(
    installed: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    for key, status in [("2013-01-02", "quarantined"), ("2013-01-01", "quarantined"), ("2013-01-01", "discarded")]:
        record = PartitionRecord.model_validate(
            {"dataset": "trips", "key": key, "fingerprint": f"{key}{status}", "status": status, "reason": "torn"}
        )
        installed.record_partition(record)
    assert run(capsys, "status", "trips")[1] == "trips: 0 partitions admitted\n  2013-01-02 quarantined: torn\n"


def test_status_of_anything_else_names_what_there_is(installed: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "status", "boats")
    assert (code, err) == (66, "No model or dataset 'boats'. There are: trip_late, trips.\n")
