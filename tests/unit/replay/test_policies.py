"""Policies: model.yaml with a few keys changed, refused where no model.yaml could say so."""

from pathlib import Path

import pytest

from include.errors import NotFound, SpecError
from include.replay.policies import POLICIES, Policy, chosen, ladder, read
from tests.declared import spec


def test_what_a_policy_does_not_name_stays_as_declared() -> None:
    declared = spec(monitoring={"alert": 0.25, "window_days": 5})
    found = Policy(monitoring={"window_days": 3}, training={"schedule": None}).applied("p", declared)
    assert (found.monitoring.window_days, found.monitoring.alert, found.training.schedule) == (3, 0.25, None)
    assert found.gates == declared.gates
    assert POLICIES["declared"].applied("declared", declared) == declared


def test_a_key_inside_a_gate_leaves_its_neighbours() -> None:
    declared = spec()
    found = Policy(gates={"champion_comparison": {"margin": 0.5}}).applied("p", declared).gates.champion_comparison
    assert found.margin == 0.5
    assert found.metric == declared.gates.champion_comparison.metric


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"windw_days": 3}, "monitoring.windw_days"),
        ({"alert": 0.9}, "required: warn < alert < critical"),
        ({"violations": 9}, "violations 9 can never be reached"),
    ],
)
def test_what_no_model_yaml_could_say_is_refused_by_name(changed: dict[str, float], why: str) -> None:
    with pytest.raises(SpecError, match=f"Policy 'bold' of trip_late .*{why}"):
        Policy(monitoring=changed).applied("bold", spec())


@pytest.mark.parametrize("name", ["never", "weekly"])
def test_policies_without_a_watch_never_ask(name: str) -> None:
    found = POLICIES[name].applied(name, spec())
    assert found.monitoring.requests_per_month == 0
    assert (found.training.schedule is None) == (name == "never")


def test_a_ladder_scales_the_three_limits_and_keeps_the_rest() -> None:
    declared = spec(monitoring={"warn": 0.1, "alert": 0.2, "critical": 0.4, "violations": 2})
    found = ladder("on_alarm", POLICIES["on_alarm"], declared, [0.5, 2])
    assert list(found) == ["on_alarm x0.5", "on_alarm x2"]
    limits = found["on_alarm x2"].applied("x", declared).monitoring
    assert (limits.warn, limits.alert, limits.critical, limits.violations) == (0.2, 0.4, 0.8, 2)


def test_a_file_names_policies(tmp_path: Path) -> None:
    file = tmp_path / "policies.yaml"
    file.write_text("calm: {monitoring: {alert: 0.3, critical: 0.5}}\nbook: {detector: textbook}\nas_it_is:\n")
    found = read(file)
    assert list(found) == ["calm", "book", "as_it_is"]
    assert (found["calm"].monitoring["alert"], found["book"].detector) == (0.3, "textbook")
    assert found["as_it_is"] == POLICIES["declared"]


@pytest.mark.parametrize("text", ["- calm", "calm: {schedule: null}", "calm: {detector: mine}", "{"])
def test_a_file_that_says_something_else_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "policies.yaml"
    file.write_text(text)
    with pytest.raises(SpecError, match="names of policies with training, gates, monitoring and detector"):
        read(file)


def test_names_choose_and_none_chooses_all() -> None:
    assert list(chosen(["weekly", "never"], POLICIES)) == ["weekly", "never"]
    assert chosen([], POLICIES) == POLICIES
    with pytest.raises(NotFound, match=r"No policy 'daily'\. Choices: never, weekly"):
        chosen(["daily"], POLICIES)
    with pytest.raises(NotFound, match="There is no file"):
        read(Path("/no/such/file.yaml"))
