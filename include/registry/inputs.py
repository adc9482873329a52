"""What a run stands on, as MLflow shows it: a dataset whose digest is our snapshot's id.

MLflow's own digest of a frame covers the first ten thousand rows and is no checksum (mlflow issue 22275). A snapshot's
id is one, of every value in every partition.
"""

import json
from datetime import datetime
from typing import Literal

from mlflow.entities import Dataset, DatasetInput, InputTag
from mlflow.utils.mlflow_tags import MLFLOW_DATASET_CONTEXT

from include.lake import layout
from include.lake.snapshot import Snapshot
from include.lake.store import Store
from include.registry.client import pages, tracking
from include.spec import ModelSpec

DIGEST_LENGTH = 36  # what MLflow keeps of a digest; of an id's 256 bits these are 144
TYPES = {"string": "string", "int": "long", "float": "double", "bool": "boolean", "timestamp": "datetime"}

Context = Literal["training", "evaluation"]


def log_input(run_id: str, spec: ModelSpec, snapshot: Snapshot, context: Context, store: Store) -> None:
    """Has MLflow show the snapshot as what the run was fitted or judged on; the run may be finished."""
    dataset = Dataset(
        name=snapshot.dataset,
        digest=digest(snapshot),
        source_type="local" if store.is_local else "s3",
        source=json.dumps({"uri": store.locate(layout.admitted_folder(snapshot.dataset)), "snapshot": snapshot.id}),
        schema=json.dumps({"mlflow_colspec": _columns(spec)}),
        profile=json.dumps(
            {
                "num_rows": snapshot.rows,
                "partitions": len(snapshot.entries),
                "first": snapshot.entries[0].key,
                "last": snapshot.entries[-1].key,
            }
        ),
    )
    with tracking() as client:
        client.log_inputs(run_id, datasets=[DatasetInput(dataset, [InputTag(MLFLOW_DATASET_CONTEXT, context)])])


def digest(snapshot: Snapshot) -> str:
    """The snapshot's id as far as MLflow keeps it."""
    return snapshot.id[:DIGEST_LENGTH]


def runs_on(dataset: str, since: datetime) -> list[str]:
    """The runs of any model that were started since the moment, have the dataset as an input and did not fail."""
    filters = f"dataset.name = '{dataset}' AND attributes.start_time >= {int(since.timestamp() * 1000)}"
    with tracking() as client:
        places = [one.experiment_id for one in pages(lambda token: client.search_experiments(page_token=token))]
        found = pages(lambda token: client.search_runs(places, filters, page_token=token))
        return [str(run.info.run_id) for run in found if run.info.status not in {"FAILED", "KILLED"}]


def _columns(spec: ModelSpec) -> list[dict[str, str | bool]]:
    """What the model reads, in MLflow's words."""
    names = dict.fromkeys((*spec.features.names, spec.target.column))
    declared = {name: spec.contract.columns[name] for name in names if name in spec.contract.columns}
    return [{"name": name, "type": TYPES[one.type], "required": not one.nullable} for name, one in declared.items()]
