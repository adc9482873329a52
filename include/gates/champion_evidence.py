"""Whether the champion's side of the evidence is there: a gate that compares does not pass without it."""

from include.evaluation.evidence import Evidence


def lacking(evidence: Evidence) -> str | None:
    """Why the champion cannot be compared with; None where it can, and where there is no champion yet."""
    version = evidence.summary.champion_version
    if version is None or evidence.champion is not None:
        return None
    return evidence.summary.champion_problem or f"the evidence lacks the predictions of champion v{version}"
