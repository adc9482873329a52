"""The environment file of the compose stack: made once, completed later, never overwritten."""

import base64
import stat
from pathlib import Path

import pytest

from include.platform.env_file import REPOSITORY, complete, random_value, write

EXAMPLE = "# A comment with NAME=\nFIRST_PASSWORD=\nSECOND_SECRET=\n# PORT=8080\n"


def numbered(name: str) -> str:
    return f"value-of-{name}"


def test_every_empty_name_of_the_example_gets_a_value_and_the_rest_stays() -> None:
    assert complete(EXAMPLE, "", numbered) == (
        "# A comment with NAME=\nFIRST_PASSWORD=value-of-FIRST_PASSWORD\n"
        "SECOND_SECRET=value-of-SECOND_SECRET\n# PORT=8080\n"
    )


def test_a_value_that_is_there_is_kept_and_a_name_that_came_later_is_added() -> None:
    present = "FIRST_PASSWORD=mine\nPORT=9090\nOWN=\n"
    assert complete(EXAMPLE, present, numbered) == present + "SECOND_SECRET=value-of-SECOND_SECRET\n"


def test_an_empty_value_in_the_file_is_filled_where_it_stands() -> None:
    assert complete(EXAMPLE, "SECOND_SECRET=\nFIRST_PASSWORD=a=b\n", numbered) == (
        "SECOND_SECRET=value-of-SECOND_SECRET\nFIRST_PASSWORD=a=b\n"
    )


def test_completing_twice_changes_nothing() -> None:
    once = complete(EXAMPLE, "")
    assert complete(EXAMPLE, once) == once


def test_a_fernet_key_has_the_form_that_airflow_wants() -> None:
    assert len(base64.urlsafe_b64decode(random_value("AIRFLOW_FERNET_KEY"))) == 32


def test_any_other_secret_needs_no_escaping_in_an_address_and_is_never_the_same() -> None:
    first, second = random_value("A_PASSWORD"), random_value("A_PASSWORD")
    assert first.isalnum()
    assert len(first) == 64
    assert first != second


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".env.example").write_text((REPOSITORY / ".env.example").read_text())
    return tmp_path


def test_the_file_is_readable_for_its_owner_alone(folder: Path) -> None:
    assert stat.S_IMODE(write(folder).stat().st_mode) == 0o600


def test_writing_again_keeps_secrets_and_own_settings(folder: Path) -> None:
    target = write(folder)
    target.write_text(target.read_text() + "AIRFLOW_PORT=18080\n")
    before = target.read_text()
    write(folder)
    assert target.read_text() == before
    assert sorted(path.name for path in folder.iterdir()) == [".env", ".env.example"]
