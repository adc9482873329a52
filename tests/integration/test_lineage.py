"""What versions stand on: what changed between two, and what may be removed because nothing refers to it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from include.errors import NothingToDo
from include.lake import Store, layout
from include.ledger import Ledger, PartitionRecord
from include.lineage.garbage import garbage, registered
from include.registry import registry, runs
from include.steps import STEPS, Result
from include.steps.training import fit
from tests.declared import admit, trips

NAME, DATASET = "trip_late", "trips"
SOON = datetime(2100, 1, 1, tzinfo=UTC)


def collect(**arguments: str) -> Result:
    return STEPS["collect"].run(DATASET, {"older_than_days": "0", **arguments})


def registered_version(as_of: str) -> str:
    """A version that was fitted, whatever its gates would say."""
    run = str(fit(NAME, as_of, "test").facts["run"])
    made = runs.manifest(run)
    return registry.register(NAME, run, made.model_uri, made.model_hash).version


def replaced(key: str, lake: Store, ledger: Ledger, seed: int) -> PartitionRecord:
    """Lands a day again with other rows and gives the version that was there before."""
    before = ledger.admitted(DATASET, key, key)[0]
    admit(key, lake, ledger, trips(seed=seed))
    return before


def test_what_changed_between_two_versions_is_told_by_partition_and_column(
    installation: Path, lake: Store, ledger: Ledger
) -> None:
    first = registered_version("2013-02-08")
    before = replaced("2013-01-03", lake, ledger, seed=900)
    for day in range(4, 12):
        admit(f"2013-01-{day:02}", lake, ledger, trips(seed=day, shift=200))
    second = registered_version("2013-02-10")
    found = STEPS["data-diff"].run(NAME, {"before": first, "after": second})
    assert (found.facts["added"], found.facts["removed"], found.facts["replaced"]) == (2, 0, 9)
    assert "2 added (2013-01-29, 2013-01-30)" in found.sentence
    assert "9 replaced (2013-01-03 to 2013-01-11)" in found.sentence
    assert next(iter(name for name in found.facts if name.startswith("drift"))) == "drift of bus"
    assert float(found.facts["drift of bus"] or 0) > 0
    assert str(before.content_hash) != ledger.admitted(DATASET, "2013-01-03", "2013-01-03")[0].content_hash


def test_a_version_compared_with_itself_has_not_changed(installation: Path) -> None:
    number = registered_version("2013-02-10")
    found = STEPS["data-diff"].run(NAME, {"before": number, "after": number})
    assert "the same" in found.sentence
    assert (found.facts["added"], found.facts["replaced"]) == (0, 0)


def test_what_a_registered_version_was_made_of_is_never_garbage(
    installation: Path, lake: Store, ledger: Ledger
) -> None:
    registered_version("2013-02-10")
    learnt_from = replaced("2013-01-05", lake, ledger, seed=901)
    judged_on = replaced("2013-02-05", lake, ledger, seed=902)
    assert {str(learnt_from.content_hash), str(judged_on.content_hash)} <= registered(DATASET)
    passed_over = replaced("2013-01-05", lake, ledger, seed=903)
    found = garbage(DATASET, SOON, ledger)
    assert [one.content_hash for one in found] == [passed_over.content_hash]
    assert "(40 rows) removed: 2013-01-05" in collect(delete="yes").sentence
    assert not lake.exists(str(passed_over.path))
    assert not lake.exists(layout.profile(str(passed_over.path)))
    assert lake.exists(str(learnt_from.path))
    assert lake.exists(str(judged_on.path))
    assert lake.exists(layout.profile(str(learnt_from.path)))


def test_nothing_is_removed_unless_told_to(installation: Path, lake: Store, ledger: Ledger) -> None:
    before = replaced("2013-01-05", lake, ledger, seed=901)
    said = collect().sentence
    assert "1 versions (40 rows) could be removed: 2013-01-05" in said
    assert lake.exists(str(before.path))


def test_what_was_replaced_lately_is_kept(installation: Path, lake: Store, ledger: Ledger) -> None:
    replaced("2013-01-05", lake, ledger, seed=901)
    with pytest.raises(NothingToDo, match="replaced more than 1 days ago"):
        collect(older_than_days="1")
    assert garbage(DATASET, datetime.now(UTC) - timedelta(days=1), ledger) == []
    assert len(garbage(DATASET, SOON, ledger)) == 1
