"""Pages and records behind decisions are shown; data is not, whether it exists or not."""

import pytest

from include.board import files
from include.errors import NotFound
from include.lake import Store


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("evidence/m/r/card.html", "text/html; charset=utf-8"),
        ("evidence/m/r/card.md", "text/plain; charset=utf-8"),
        ("evidence/m/r/card/roc.svg", "image/svg+xml"),
        ("evidence/m/r/gate-slices.json", "application/json"),
        ("quarantine/d/k/f/reasons.json", "application/json"),
        ("validations/d/k/f/validation.html", "text/html; charset=utf-8"),
    ],
)
def test_a_page_behind_a_decision_is_shown(lake: Store, path: str, media_type: str) -> None:
    lake.write_bytes(path, b"content")
    assert files.read(path, lake) == (b"content", media_type)


@pytest.mark.parametrize(
    "path",
    [
        "evidence/m/r/held_out.parquet",
        "admitted/d/k/h.json",
        "evidence/../admitted/d/k/h.json",
        "card.html",
        "/evidence/m/r/card.html",
    ],
)
def test_data_is_not(lake: Store, path: str) -> None:
    for stored in ("evidence/m/r/held_out.parquet", "admitted/d/k/h.json", "card.html", "evidence/m/r/card.html"):
        lake.write_bytes(stored, b"content")
    with pytest.raises(NotFound):
        files.read(path, lake)


def test_what_is_not_stored_is_not_found(lake: Store) -> None:
    with pytest.raises(NotFound, match=r"Nothing is stored at 'evidence/m/r/card\.html'"):
        files.read("evidence/m/r/card.html", lake)
