"""What a reader should know before trusting a version, found in the evidence: nobody has to think of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from include.card.numbers import share
from include.card.sources import Sources
from include.registry.manifest import spec_hash

FEW_ROWS = 100  # of a class: a share among so many is known to about ten points at best
FEW_DAYS = 10
MUCH_UNLABELLED = 0.01


@dataclass(frozen=True)
class Remark:
    """One limit in one sentence. A loud one belongs before everything else."""

    text: str
    loud: bool = False


def remarks(sources: Sources) -> Iterator[Remark]:
    """Every limit that the sources show, the loud ones first."""
    found = [*_origin(sources), *_comparison(sources), *_sample(sources), *_labels(sources), *_findings(sources)]
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


def _findings(sources: Sources) -> Iterator[Remark]:
    """What did not pass, gate by gate: of a refused or overridden run, and single checks of a gate that passed."""
    for ruling in sources.rulings:
        if ruling.result is None:
            yield Remark(f"Gate {ruling.gate} was never decided.", loud=True)
            continue
        for check in ruling.result.checks:
            if check.status != "pass":
                yield Remark(f"{ruling.gate}, {check.name}: {check.status}. {check.sentence}.")
