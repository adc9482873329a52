"""What a model was made of, as it was recorded and as it is found now by the code of its own commit."""

import json
from collections.abc import Iterator

from include.errors import BadData, NotFound
from include.lake.reading import in_parallel, stored_hash
from include.lake.snapshot import Snapshot, SnapshotEntry
from include.lake.store import Store
from include.rebuild.comparison import Compared
from include.registry import manifest
from include.registry.manifest import Manifest, Snapshots
from include.registry.surroundings import Surroundings
from include.settings import commit
from include.spec import ModelSpec


def compared_inputs(made: Manifest, snapshots: Snapshots, spec: ModelSpec, store: Store) -> tuple[Compared, ...]:
    """Code, declaration and data. Every partition is read again and hashed; those that differ are named one by one."""
    return (
        *_code(made, spec),
        *_partitions("training data", made.training_snapshot, snapshots.training, store),
        *_partitions("held-out data", made.held_out_snapshot, snapshots.held_out, store),
    )


def compared_surroundings(made: Surroundings, now: Surroundings) -> tuple[Compared, ...]:
    """Interpreter, machine and numeric libraries, which may decide the last bit of a prediction."""
    facts = {
        "python": (made.python, now.python),
        "system": (made.system, now.system),
        **{name: (was, now.libraries.get(name, "not installed")) for name, was in made.libraries.items()},
        "linear algebra": (made.blas, now.blas),
        "threads": (str(made.threads), str(now.threads)),
    }
    return tuple(Compared(name=name, recorded=was, found=found, binding=False) for name, (was, found) in facts.items())


def _code(made: Manifest, spec: ModelSpec) -> Iterator[Compared]:
    code = commit()
    facts = {
        "commit": (made.commit, f"{code.sha}-dirty" if code.dirty else code.sha),
        "library lock": (made.lock_hash, manifest.lock_hash()),
        "model.yaml": (made.spec_hash, manifest.spec_hash(spec)),
        "contract": (made.contract_hash, manifest.contract_hash(spec)),
        "features": (made.features_hash, manifest.features_hash(spec)),
        "pipeline": (made.pipeline_hash, manifest.pipeline_hash(spec)),
        "seed": (str(made.seed), str(spec.training.seed)),
        "parameters": (json.dumps(made.parameters), json.dumps({**spec.training.parameters, **made.found})),
    }
    return (Compared(name=name, recorded=was, found=found) for name, (was, found) in facts.items())


def _partitions(name: str, recorded: str, snapshot: Snapshot, store: Store) -> Iterator[Compared]:
    hashes = in_parallel(lambda entry: _content(entry, store), snapshot.everything)
    pairs = list(zip(snapshot.everything, hashes, strict=True))
    now = {entry.key: entry.model_copy(update={"content_hash": content}) for entry, content in pairs}
    found = Snapshot(
        dataset=snapshot.dataset,
        entries=tuple(now[entry.key] for entry in snapshot.entries),
        history=tuple(now[entry.key] for entry in snapshot.history),
    )
    yield Compared(name=f"{name}, {len(pairs)} partitions", recorded=recorded, found=found.id)
    for entry, content in pairs:
        if content != entry.content_hash:
            yield Compared(name=f"partition {entry.key} of the {name}", recorded=entry.content_hash, found=content)


def _content(entry: SnapshotEntry, store: Store) -> str:
    try:
        return stored_hash(store, entry.path)
    except NotFound:
        return "missing"
    except BadData as problem:
        return f"unreadable: {problem}"
