"""What a reader should know before trusting a version, found in the evidence: nobody has to think of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite

from include.card.numbers import between, share, shown, signed
from include.card.sources import Sources
from include.gates.slice_questions import why_not_judged
from include.registry.manifest import spec_hash

FEW_ROWS = 100  # of a class: a share among so many is known to about ten points at best
FEW_DAYS = 10
MUCH_UNLABELLED = 0.01
MUCH_LOST = 0.05  # of its skill


@dataclass(frozen=True)
class Remark:
    """One limit in one sentence. A loud one belongs before everything else."""

    text: str
    loud: bool = False


def remarks(sources: Sources) -> Iterator[Remark]:
    """Every limit that the sources show, the loud ones first."""
    parts = (_origin, _comparison, _sample, _labels, _slices, _belief, _mishaps, _findings)
    found = [one for part in parts for one in part(sources)]
    yield from sorted(found, key=lambda one: not one.loud)


def _origin(sources: Sources) -> Iterator[Remark]:
    made = sources.made
    if made.commit == "unknown" or made.commit_dirty:
        state = "changes that were never committed" if made.commit_dirty else "code of an unknown commit"
        yield Remark(f"Made with {state}: it cannot be made again.", loud=True)
    if made.spec_hash != spec_hash(sources.spec):
        yield Remark("The declaration (model.yaml, contract.yaml or their defaults) has changed since it was made.")


def _comparison(sources: Sources) -> Iterator[Remark]:
    summary = sources.evidence.summary
    if summary.champion_version is None:
        yield Remark("There was no champion to compare with: only absolute limits were checked.", loud=True)
    elif summary.champion_problem is not None:
        yield Remark(
            f"Champion v{summary.champion_version} could not be scored: {summary.champion_problem}.", loud=True
        )


def _sample(sources: Sources) -> Iterator[Remark]:
    rows, window = len(sources.evidence.target), sources.evidence.summary.held_out_window
    yield Remark(
        f"Judged on {rows:,} rows of {sources.days} days, {window}. Other seasons and events were not seen.",
        loud=sources.days < FEW_DAYS,
    )
    few = {name: rows for name, rows in sources.class_rows.items() if rows < FEW_ROWS}
    if few:
        named = ", ".join(f"{rows} rows are {name}" for name, rows in few.items())
        yield Remark(f"Of the rows it was judged on only {named}: what is said of them is uncertain.", loud=True)


def _labels(sources: Sources) -> Iterator[Remark]:
    made = sources.made
    missing, window = made.unlabelled_rows, made.unlabelled_rows + made.training_rows
    if missing > MUCH_UNLABELLED * window:
        yield Remark(
            f"{share(missing, window)} of the rows of its training window have no label. It learnt nothing from them, "
            "and nothing says how it does on rows like these."
        )


def _slices(sources: Sources) -> Iterator[Remark]:
    """Where it does worst against the champion; without one, where it does worst."""
    table, rule = sources.evidence.summary.slices, sources.spec.gates.slices
    if table is None:
        return
    judged = [one for one in table.slices if why_not_judged(one, rule) is None]
    compared = [(one.difference, one) for one in judged if one.difference and isfinite(one.difference.observed)]
    if compared:
        found, one = min(compared, key=lambda pair: pair[0].observed)
        change = f"{table.metric} {signed(found.observed)} ({between(found.lower, found.upper)}), {one.rows:,} rows"
        yield Remark(f"Against the champion it does least for {one.name}: {change}.")
    if table.weakest is not None and why_not_judged(table.weakest.slice, rule) is None:
        one, level = table.weakest.slice, table.weakest.slice.challenger
        there = f"{table.metric} {shown(level.value)} ({between(level.lower, level.upper)}), {one.rows:,} rows"
        yield Remark(f"Of {table.weakest.compared:,} slices that were searched it is weakest for {one.name}: {there}.")


def _belief(sources: Sources) -> Iterator[Remark]:
    for view in sources.evidence.summary.calibration or ():
        error = view.challenger.error
        what = {"top_label": " of the likeliest class", "classwise": " of all classes"}.get(view.view, "")
        off = f"{shown(error.value)} on average ({between(error.lower, error.upper)})"
        yield Remark(f"Its probabilities{what} are off by {off}.")


def _mishaps(sources: Sources) -> Iterator[Remark]:
    """What it leans on, and the dearest mishap that reaches it."""
    found = sources.evidence.summary.probes.robustness
    if found is None:
        return
    feature, lost = next(iter(found.importance.items()), ("", 0.0))
    if lost > MUCH_LOST:
        yield Remark(f"It leans most on {feature}: without it {share(lost, 1)} of its skill is gone.")
    reaching = [one for one in found.responses if not one.stopped and one.skill_lost > MUCH_LOST]
    if reaching:
        dearest = max(reaching, key=lambda one: one.skill_lost)
        yield Remark(
            f"The contract would not stop {dearest.sentence}, which costs {share(dearest.skill_lost, 1)} of its skill."
        )


def _findings(sources: Sources) -> Iterator[Remark]:
    """What did not pass, gate by gate: of a refused or overridden run, and single checks of a gate that passed."""
    for ruling in sources.rulings:
        if ruling.result is None:
            yield Remark(f"Gate {ruling.gate} was never decided.", loud=True)
            continue
        for check in ruling.result.checks:
            if check.status != "pass":
                yield Remark(f"{ruling.gate}, {check.name}: {check.status}. {check.sentence}.")
