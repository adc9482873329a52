"""The steps of the feature store: fill it, and check that what it says is what a training reads."""

from include.errors import BadData, NothingToDo
from include.features.feast_store import FeatureRepository
from include.features.materialise import materialise as fill
from include.monitoring import skew
from include.serving.batch import admitted
from include.spec import load_contract, load_model, load_windows
from include.steps.place import lake, ledger
from include.steps.step import Result


def materialise(dataset: str, key: str) -> Result:
    """Brings the online store up to the newest admitted partition, and announces the one that was asked for.

    Whichever partition came, the store is filled once: the next ones find it done.
    """
    contract, windows, book = load_contract(dataset), load_windows(dataset), ledger()
    if not windows:
        raise NothingToDo(f"{dataset} has no features.yaml: there is nothing to materialise.")
    admitted(dataset, key, book)
    clock = fill(contract, windows, FeatureRepository(contract, windows, lake()), lake(), book)
    return Result(
        sentence=f"{dataset} {key}: the online store holds {', '.join(windows)} up to partition {clock.key}",
        announces=(key,),
        facts={"features": len(windows), "newest": clock.key, "snapshot": clock.snapshot},
    )


def check(model: str, key: str) -> Result:
    """Replays what a partition was scored with. BadData where one bit differs; the comparison is on record before."""
    spec = load_model(model)
    if not spec.windows:
        raise NothingToDo(f"{model} has no window features: there is nothing to replay.")
    windows, book = load_windows(spec.dataset), ledger()
    repository = FeatureRepository(spec.contract, windows, lake())
    found, place = skew.check(spec, key, windows, repository, lake(), book)
    if found.differs:
        raise BadData(f"{found.sentence} Evidence: {place}", place)
    return Result(sentence=found.sentence, evidence=place, facts={"rows": found.rows, "version": found.version})
