"""Contracts at work: landed partitions are checked, then admitted or quarantined with evidence."""

from include.contract.admission import Admission, admit, find, verdict
from include.contract.check import CheckResult, check
from include.contract.findings import Finding

__all__ = ["Admission", "CheckResult", "Finding", "admit", "check", "find", "verdict"]
