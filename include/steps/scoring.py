"""The step of batch scoring."""

from include.serving import batch
from include.spec import load_model
from include.steps.place import lake, ledger
from include.steps.step import Result


def score(model: str, key: str) -> Result:
    """Scores one admitted partition with the champion."""
    record = batch.score(load_model(model), key, lake(), ledger())
    return Result(
        sentence=f"{model} v{record.version} scored {record.rows} rows of {key}",
        announces=(key,),
        facts={"version": record.version, "rows": record.rows, "path": record.path},
    )
