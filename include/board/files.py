"""Which stored files people may open: the evidence behind decisions, never the data."""

from pathlib import PurePosixPath

from include.errors import BadData, NotFound
from include.lake.store import Store

SHOWN = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".md": "text/plain; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
PLACES = ("evidence", "quarantine", "validations")


def read(path: str, store: Store) -> tuple[bytes, str]:
    """The content and media type of a stored page or record. NotFound for anything else, whether it exists or not."""
    wanted = PurePosixPath(path)
    if wanted.suffix not in SHOWN or wanted.parts[:1] not in {(place,) for place in PLACES} or ".." in wanted.parts:
        raise NotFound(f"'{path}' is not shown here: only {', '.join(SHOWN)} under {' and '.join(PLACES)}.")
    try:
        if not store.exists(path):
            raise NotFound(f"Nothing is stored at '{path}' in the lake.")
        return store.read_bytes(path), SHOWN[wanted.suffix]
    except BadData as problem:
        raise NotFound(str(problem)) from problem
