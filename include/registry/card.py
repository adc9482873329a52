"""A version's card in MLflow: files of its run, and for a registered version its description and tags."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from include.registry.client import tracking

DESCRIPTION_LENGTH = 5000  # what MLflow's database holds


def log_card(run_id: str, files: Mapping[str, bytes]) -> None:
    """Puts the files under `card/` of the run, in place of those there were. A name may hold folders."""
    with tracking() as client, tempfile.TemporaryDirectory(prefix="perennial-card-") as folder:
        for name, content in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        client.log_artifacts(run_id, folder, "card")


def describe(model: str, number: str, text: str, tags: Mapping[str, str]) -> None:
    """Makes the text the version's description, cut where MLflow keeps no more, and sets the tags."""
    with tracking() as client:
        client.update_model_version(model, number, text[:DESCRIPTION_LENGTH])
        for name, value in tags.items():
            client.set_model_version_tag(model, number, name, value)
