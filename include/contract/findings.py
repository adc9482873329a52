"""What a check found wrong, in words that can be shown: personal values are masked."""

from collections.abc import Iterable
from typing import Literal

import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from include.spec import ContractSpec

MASK = "***"
MOST_EXAMPLES = 5
_LONGEST = 80


class Finding(BaseModel):
    """One broken rule. A finding of severity `fail` keeps the partition out, `warn` only reports."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: str
    column: str | None
    severity: Literal["fail", "warn"]
    observed: str
    required: str
    failing_rows: int = 0
    examples: tuple[dict[str, str], ...] = ()

    @property
    def sentence(self) -> str:
        """The finding in one line."""
        return f"{self.column or self.rule}: {self.observed} (required: {self.required})"


def example(row: pa.Table, contract: ContractSpec, column: str | None) -> dict[str, str]:
    """One failing row: its keys and the failing column."""
    names = dict.fromkeys([*contract.keys, *([column] if column else [])])
    return {name: shown(contract, name, value_of(row[name][0])) for name in names if name in row.schema.names}


def value_of(scalar: pa.Scalar) -> object:
    """The value in Python; its number where Python has no such moment."""
    try:
        return scalar.as_py()
    except (ValueError, OverflowError):
        return getattr(scalar, "value", None)


def shown(contract: ContractSpec, column: str | None, value: object) -> str:
    """The value as it may leave the data: masked in a personal column, never long."""
    if value is None:
        return "null"
    if column is not None and column in contract.columns and contract.columns[column].personal:
        return MASK
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return clipped(text)


def clipped(text: str) -> str:
    """The beginning of a long text."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def summary(findings: Iterable[Finding], most: int = 3) -> str:
    """The first findings in one line each, and how many more there are."""
    listed = list(findings)
    more = f"; and {len(listed) - most} more" if len(listed) > most else ""
    return "; ".join(finding.sentence for finding in listed[:most]) + more
