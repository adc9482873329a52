"""How the contract's types may change beside what was admitted before."""

from include.contract.findings import Finding
from include.spec import ContractSpec

WIDER = {("int", "float")}


def changes(contract: ContractSpec, before: dict[str, str]) -> list[Finding]:
    """A type that became wider is told; any other change is refused: old and new values would stand in one column."""
    found = []
    for name, spec in contract.columns.items():
        was = before.get(name, spec.type)
        if was == spec.type:
            continue
        widened = (was, spec.type) in WIDER
        required = f"{was}, or a wider type" if widened else f"{was}; give a column of another type another name"
        facts = {"rule": "same_type", "column": name, "severity": "warn" if widened else "fail"}
        observed = f"{spec.type} in the contract, {was} in the newest admitted partition"
        found.append(Finding.model_validate({**facts, "observed": observed, "required": required}))
    return found
