"""The data of a fit that was made: the partitions its manifest names, whatever has landed again since."""

from datetime import date

from include.errors import BadData
from include.registry import runs
from include.registry.manifest import Manifest
from include.spec import ModelSpec
from include.training.data import TrainingData
from include.training.windows import windows


def recorded_data(spec: ModelSpec, made: Manifest) -> TrainingData:
    """Both snapshots as they were when the run was fitted.

    Raises BadData where the list that is stored beside the manifest is not the one it names, NotFound where it is gone.
    """
    kept, chosen = runs.snapshots(made.run_id), windows(spec, date.fromisoformat(made.as_of))
    if (kept.training.id, kept.held_out.id) != (made.training_snapshot, made.held_out_snapshot):
        raise BadData(
            f"The partitions stored with MLflow run {made.run_id} of {made.model} are not those of its manifest: "
            "somebody changed the one or the other. Restore it, or train again."
        )
    return TrainingData(kept.training, kept.held_out, chosen.training, chosen.held_out)
