"""Resources: the model answers in time and fits where it is served.

Measured in a fresh process with one thread, as serving runs it: one row at a time and in batches, from plain values to
answers. The defaults are the usual limits of an online service (100 ms in the 99th percentile, 512 MB); a model that
only scores at night can afford more. The machine is the one that evaluates, less what it kept the model waiting for a
processor: leave room.
"""

from include.evaluation.evidence import Evidence
from include.gates.result import Check, GateResult
from include.spec.gates import Resources

NAME = "resources"


def decide(evidence: Evidence, rule: Resources) -> GateResult:
    """Passes where every cost is within its limit. A probe that crashed or did not end is an error."""
    found = evidence.summary.probes.resources
    if found is None:
        return GateResult.unmeasured(NAME, "the evidence has no resource probe: evaluate again")
    if found.costs is None:
        return GateResult.unmeasured(NAME, found.error or "the probe found nothing")
    costs = found.costs
    measured = (
        ("single_p99_ms", costs.single_p99_ms, f"p99 of a single row in ms (p50 {costs.single_p50_ms:.3g})"),
        ("batch_p99_ms", costs.batch_p99_ms, f"p99 of {costs.batch_rows} rows in ms (p50 {costs.batch_p50_ms:.3g})"),
        ("peak_mb", costs.peak_mb, f"peak memory in MB ({costs.libraries_mb:.3g} of it before the model)"),
        ("artifact_mb", costs.artifact_mb, "model file in MB"),
        ("load_seconds", costs.load_seconds, "time to load in s"),
    )
    return GateResult.of(
        NAME, [Check.at_most(name, observed, getattr(rule, f"max_{name}"), what) for name, observed, what in measured]
    )
