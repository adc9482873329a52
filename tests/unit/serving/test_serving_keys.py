"""Who may ask what, and that nobody is asked only where nobody can come from."""

from pathlib import Path

import pytest
from pydantic import TypeAdapter

from include.errors import SpecError
from include.serving.keys import Key, Keys, made
from include.serving.service import serve


def kept(file: Path, *keys: Key) -> Path:
    file.write_bytes(TypeAdapter(tuple[Key, ...]).dump_json(keys))
    return file


def test_a_key_opens_its_models_and_no_other(tmp_path: Path) -> None:
    shown, key = made("dashboard", ["flight_delay"])
    keys = Keys.read(kept(tmp_path / "keys.json", key))
    assert shown not in (tmp_path / "keys.json").read_text()
    assert keys.allow(shown.encode(), "flight_delay") is True
    assert keys.allow(shown.encode(), "arrival_delay") is False
    assert keys.allow(b"another", "flight_delay") is None


def test_a_key_for_all_opens_all(tmp_path: Path) -> None:
    shown, key = made("watch", ["*"])
    assert Keys.read(kept(tmp_path / "keys.json", key)).allow(shown.encode(), "anything") is True


def test_without_a_file_nobody_is_asked() -> None:
    assert Keys.read(None).allow(b"", "anything") is True


def test_strangers_are_not_listened_to_without_keys() -> None:
    with pytest.raises(SpecError, match=r"0\.0\.0\.0 and ask nobody for a key"):
        serve("0.0.0.0", 0, 1, None, 1.0)


def test_a_file_that_is_no_list_of_keys_is_named(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text('[{"name": "a", "sha256": "short", "models": ["*"]}]')
    with pytest.raises(SpecError, match=r"keys\.json"):
        Keys.read(tmp_path / "keys.json")
