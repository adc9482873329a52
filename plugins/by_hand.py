"""What a Dag that people trigger asks them for and hands on to its step: such decisions have a reason and a name."""

from airflow.sdk import Param

from include.spec import load_models

ACTOR = "{{ dag_run.triggering_user_name or 'airflow' }}"
ASKED = "{{ dag_run.run_after.isoformat() }}"


def a_model(description: str) -> Param:
    """One of the declared models, to be chosen."""
    return Param(type="string", enum=sorted(load_models().models), description=description)


def asking(**params: Param) -> dict[str, Param]:
    """The Dag's parameters, and why."""
    return {**params, "reason": Param(type="string", minLength=3, description="why; kept with the decision")}


def answered(*names: str, **arguments: str) -> dict[str, str]:
    """The step's arguments: the parameters of these names as they were given, why, and by whom."""
    given = {name: f"{{{{ params.{name} }}}}" for name in (*names, "reason")}
    return {**arguments, **given, "actor": ACTOR}
