"""The step of batch scoring."""

from include.release.declared import in_force
from include.serving import batch
from include.spec import load_model
from include.steps.place import lake, ledger
from include.steps.step import Result


def score(model: str, key: str) -> Result:
    """Scores one admitted partition with the champion."""
    spec = in_force(load_model(model), lake(), ledger())
    record = batch.score(spec, key, lake(), ledger())
    return Result(
        sentence=f"{model} v{record.version} scored {record.rows} rows of {key}",
        announces=(key,),
        facts={"version": record.version, "rows": record.rows, "path": record.path},
    )
