"""A table against its contract: structure first, then every rule."""

from dataclasses import dataclass

import pyarrow as pa

from include.contract.conform import conform
from include.contract.findings import Finding
from include.spec import ContractSpec


@dataclass(frozen=True)
class CheckResult:
    """What the check found. `table` has the contract's columns and types, None if the data could not be given them.

    `validation` is Great Expectations' own report (JSON) when one of its rules is broken.
    """

    findings: tuple[Finding, ...]
    table: pa.Table | None
    statistics: dict[str, int]
    validation: str | None = None

    @property
    def passed(self) -> bool:
        """Whether the data may be admitted: it has the contract's types and breaks only rules that warn."""
        return self.table is not None and not any(finding.severity == "fail" for finding in self.findings)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == "warn")


def check(table: pa.Table, contract: ContractSpec) -> CheckResult:
    """The table's findings. Values are only judged once every column is there with its type."""
    conformed = conform(table, contract)
    if conformed.table is None:
        return CheckResult(conformed.findings, None, {"rows": table.num_rows, "rules": 0})
    # Seconds to import, and needed only here: not for finding partitions, not for data of the wrong shape.
    from include.contract.expectations import judge  # noqa: PLC0415

    verdict = judge(conformed.table, contract)
    return CheckResult(
        findings=conformed.findings + verdict.findings,
        table=conformed.table,
        statistics={"rows": table.num_rows, "rules": verdict.rules},
        validation=verdict.validation,
    )
