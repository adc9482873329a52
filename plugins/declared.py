"""What a Dag file makes its Dags of: all that is declared, but in a task's process only what the task belongs to.

A task's process reads the Dag file again before it runs the task. Of a hundred Dags it needs one.
"""

from collections.abc import Iterable

from airflow.sdk import get_parsing_context

from include.spec import ContractSpec, ModelSpec, load_models


def declared_models(dag: str) -> Iterable[ModelSpec]:
    """The models the file has to make a Dag `<dag>_<model>` of."""
    return load_models(only=_wanted(dag)).models.values()


def declared_contracts(dag: str) -> Iterable[ContractSpec]:
    """The contracts the file has to make a Dag `<dag>_<dataset>` of."""
    wanted = _wanted(dag)
    contracts = load_models(only=[]).contracts.values()
    return [contract for contract in contracts if wanted is None or contract.dataset in wanted]


def models_of(dataset: str) -> Iterable[ModelSpec]:
    """The models that read the dataset."""
    return [model for model in load_models().models.values() if model.dataset == dataset]


def declared_contracts_with_features(dag: str) -> Iterable[ContractSpec]:
    """Those of them whose dataset has window features."""
    declared = load_models(only=[])
    return [contract for contract in declared_contracts(dag) if declared.windows.get(contract.dataset)]


def _wanted(dag: str) -> list[str] | None:
    """The names Airflow asks this file for; None where it asks for all of them."""
    dag_id = get_parsing_context().dag_id
    if dag_id is None:
        return None
    name = dag_id.removeprefix(f"{dag}_")
    return [name] if name != dag_id else []
