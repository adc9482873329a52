"""A partition against its contract: structure first, then every rule, in one pass over its rows."""

from dataclasses import dataclass
from pathlib import Path

from include.contract.findings import Finding
from include.contract.scan import Sink, Source, scan
from include.contract.situation import ALONE, Situation
from include.lake.profile import Profile
from include.spec import ContractSpec


@dataclass(frozen=True)
class CheckResult:
    """What the check found. Profile and content hash are None if the data could not be given the contract's types.

    `validation` is Great Expectations' own result (JSON) and `data_docs` its page; None where it was not asked.
    `altered` says that the rows in the contract's types are not quite those that landed.
    """

    findings: tuple[Finding, ...]
    statistics: dict[str, int]
    profile: Profile | None = None
    content_hash: str | None = None
    validation: str | None = None
    data_docs: str | None = None
    altered: bool = False

    @property
    def passed(self) -> bool:
        """Whether the data may be admitted: it has the contract's types and breaks only rules that warn."""
        return self.content_hash is not None and not any(finding.severity == "fail" for finding in self.findings)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == "warn")


def check(
    source: Source, contract: ContractSpec, folder: Path, sink: Sink | None = None, beside: Situation = ALONE
) -> CheckResult:
    """The partition's findings. Values are only judged once every column is there with its type.

    `folder` is for what does not fit into memory; `sink` gets each block of rows in the contract's types.
    """
    scanned = scan(source, contract, folder, sink, beside)
    if scanned.measurements is None:
        return CheckResult(scanned.findings, {"rows": scanned.rows, "rules": 0})
    # Seconds to import, and needed only here: not for finding partitions, not for data of the wrong shape.
    from include.contract.expectations import judge  # noqa: PLC0415

    verdict = judge(scanned.measurements, contract, beside)
    return CheckResult(
        findings=scanned.findings + verdict.findings,
        statistics={"rows": scanned.rows, "rules": verdict.rules},
        profile=scanned.profile,
        content_hash=scanned.content_hash,
        validation=verdict.validation,
        data_docs=verdict.data_docs,
        altered=scanned.altered,
    )
