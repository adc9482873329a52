"""A state folder holds everything, admits one change at a time, and is forgotten without touching foreign files."""

import sys
from pathlib import Path

import pytest

from include.errors import Conflict, NotFound, Outage
from include.platform import clean, platform
from include.platform.home import Choices, Home
from include.platform.migration import is_current, migrate
from include.platform.servers import Schema


@pytest.fixture
def home(tmp_path: Path) -> Home:
    place = Home(tmp_path / "home")
    place.make()
    return place


def test_the_choices_of_a_start_are_found_again(home: Home) -> None:
    chosen = Choices(airflow_port=8181, schemas={"airflow": "3.3.2"})
    home.choose(chosen)
    assert home.choices() == chosen
    assert platform(home.root).airflow_url == "http://127.0.0.1:8181"


def test_damaged_choices_count_as_none(home: Home) -> None:
    home.choices_file.write_text("{")
    assert home.choices() is None


def test_a_folder_without_a_platform_says_how_to_start_one(home: Home) -> None:
    with pytest.raises(NotFound, match="make up"):
        platform(home.root)


def test_a_second_start_or_stop_at_the_same_moment_is_refused(home: Home) -> None:
    with home.locked(), pytest.raises(Conflict, match="at work"), home.locked():
        pass


def test_clean_deletes_the_platforms_files_and_the_folder(home: Home) -> None:
    home.mlflow_db.write_text("runs")
    (home.lake / "admitted").mkdir()
    clean(home.root, lambda _: None)
    assert not home.root.exists()


def test_clean_keeps_the_files_of_others(home: Home) -> None:
    foreign = home.root / "thesis.txt"
    foreign.write_text("years of work")
    said: list[str] = []
    clean(home.root, said.append)
    assert list(home.root.iterdir()) == [foreign]
    assert "files of others stay" in said[-1]


def schema(home: Home, code: str = "pass", made_by_server: bool = False) -> Schema:
    return Schema("airflow", "3.3.2", home.airflow_db, (sys.executable, "-c", code), made_by_server)


@pytest.mark.parametrize(
    ("exists", "known", "made_by_server", "current"),
    [
        (True, {"airflow": "3.3.2"}, False, True),
        (True, {"airflow": "3.3.1"}, False, False),
        (True, {}, False, False),
        (True, {}, True, False),
        (False, {"airflow": "3.3.2"}, False, False),
        (False, {}, True, True),
    ],
)
def test_a_database_is_migrated_unless_this_version_did_it_or_its_server_will(
    home: Home, exists: bool, known: dict[str, str], made_by_server: bool, current: bool
) -> None:
    if exists:
        home.airflow_db.touch()
    assert is_current(schema(home, made_by_server=made_by_server), known) is current


def test_a_failed_migration_shows_the_end_of_its_log_and_where_it_is(home: Home) -> None:
    broken = schema(home, "print('first'); raise SystemExit('disk is full')")
    with pytest.raises(Outage, match="ended with 1") as failure:
        migrate(home, broken, {}, lambda _: None)
    assert "disk is full" in str(failure.value)
    assert str(home.log_of("airflow-migration")) in str(failure.value)
