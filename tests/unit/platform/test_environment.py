"""Every process gets the same environment: this platform's addresses, quiet libraries, the person's tuning."""

from pathlib import Path

import pytest

from include.platform.environment import environment
from include.platform.home import Choices, Home
from include.platform.servers import airflow_servers

CHOICES = Choices(airflow_port=8181, mlflow_port=5151, dags_folder=Path("/somewhere/dags"))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    place = Home(tmp_path)
    place.make()
    return place


def test_every_address_is_on_this_machine_alone(home: Home) -> None:
    made = environment(home, CHOICES, {})
    assert made["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert made["AIRFLOW__API__BASE_URL"] == "http://127.0.0.1:8181"
    assert made["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:8181/execution/"
    assert made["MLFLOW_TRACKING_URI"] == "http://127.0.0.1:5151"


def test_all_state_is_inside_the_home(home: Home) -> None:
    made = environment(home, CHOICES, {})
    names = ("AIRFLOW_HOME", "PERENNIAL_HOME", "PERENNIAL_LAKE", "AIRFLOW__LOGGING__BASE_LOG_FOLDER")
    assert all(Path(made[name]).is_relative_to(home.root) for name in names)
    databases = (made["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"], made["PERENNIAL_LEDGER_URL"])
    assert all(url.startswith(f"sqlite:///{home.root}/") for url in databases)


def test_an_address_forgotten_in_the_shell_does_not_lead_a_local_run_into_production(home: Home) -> None:
    shell = {
        "AIRFLOW_HOME": "/opt/airflow",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql://production/airflow",
        "AIRFLOW__CORE__FERNET_KEY": "theirs",
        "MLFLOW_TRACKING_URI": "https://mlflow.example.com",
    }
    made = environment(home, CHOICES, shell)
    assert not {name for name, value in shell.items() if made[name] == value}


def test_tuning_and_the_places_of_data_can_be_overridden(home: Home) -> None:
    shell = {"AIRFLOW__CORE__PARALLELISM": "2", "PERENNIAL_LAKE": "s3://bucket/lake"}
    made = environment(home, CHOICES, shell)
    assert shell.items() <= made.items()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MLFLOW_DISABLE_TELEMETRY", "true"),
        ("DO_NOT_TRACK", "true"),
        ("GX_ANALYTICS_ENABLED", "false"),
        ("NML_DISABLE_USAGE_LOGGING", "1"),
        ("SCARF_NO_ANALYTICS", "true"),
    ],
)
def test_no_library_reports_home(home: Home, name: str, value: str) -> None:
    assert environment(home, CHOICES, {name: "something else"})[name] == value


def test_no_proxy_comes_between_the_processes_and_the_hosts_of_the_shell_stay(home: Home) -> None:
    made = environment(home, CHOICES, {"NO_PROXY": "example.com,localhost"})
    assert made["NO_PROXY"] == made["no_proxy"] == "127.0.0.1,localhost,example.com"


def test_the_secrets_are_the_same_for_every_process_and_differ_between_homes(home: Home, tmp_path: Path) -> None:
    other = Home(tmp_path / "other")
    other.make()
    names = ("AIRFLOW__API_AUTH__JWT_SECRET", "AIRFLOW__CORE__FERNET_KEY", "AIRFLOW__API__SECRET_KEY")
    first, again, elsewhere = (environment(place, CHOICES, {}) for place in (home, home, other))
    assert [first[name] for name in names] == [again[name] for name in names]
    assert not {first[name] for name in names} & {elsewhere[name] for name in names}


def test_secrets_and_passwords_are_readable_by_their_owner_alone(home: Home) -> None:
    environment(home, CHOICES, {})
    files = (home.secrets_file, home.passwords_file)
    assert [file.stat().st_mode & 0o777 for file in files] == [0o600, 0o600]


def test_the_programs_and_modules_of_the_repository_come_first(home: Home) -> None:
    made = environment(home, CHOICES, {"PATH": "/usr/bin", "PYTHONPATH": "/theirs"})
    assert made["PATH"].endswith(":/usr/bin")
    assert made["PYTHONPATH"].endswith(":/theirs")
    assert (Path(made["PYTHONPATH"].split(":")[0]) / "include" / "platform").is_dir()


def test_the_api_server_waits_shortly_for_the_database_and_the_others_long(home: Home) -> None:
    """A long wait in its event loop would stop what it waits for."""
    ours = environment(home, CHOICES, {})
    waits = {
        one.name: {**ours, **one.environment}["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].rpartition("?timeout=")
        for one in airflow_servers(home, CHOICES)
    }
    assert {name: wait for name, (_, _, wait) in waits.items()} == {
        "api-server": "5", "scheduler": "60", "dag-processor": "60", "triggerer": "60",
    }  # fmt: skip
    assert {place for place, _, _ in waits.values()} == {f"sqlite:///{home.airflow_db}"}
