"""The policies of docker-compose.yaml and the images: what a change to them may not lose."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from include.platform.environment import SILENCE
from include.registry.manifest import LOCK
from include.settings import REPOSITORY

ROOT = Path(__file__).resolve().parents[3]
COMPOSE_TEXT = (ROOT / "docker-compose.yaml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILES = {path: path.read_text() for path in (ROOT / "Dockerfile", ROOT / "docker/object-store/Dockerfile")}
JOBS = {name for name, service in SERVICES.items() if service["restart"] == "no"}
AIRFLOW = {"api-server", "scheduler", "dag-processor", "triggerer", "worker"}
OWN_NAMES = {"PERENNIAL_LAKE", "PERENNIAL_LEDGER_URL", "PERENNIAL_ENVIRONMENT", "MLFLOW_TRACKING_URI"}
SIGNING_NAMES = {
    "AIRFLOW__API_AUTH__JWT_SECRET",
    "AIRFLOW__CORE__FERNET_KEY",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
}

each_service = pytest.mark.parametrize("name", SERVICES)
each_dockerfile = pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: str(path.relative_to(ROOT)))


def environment(service: str) -> dict[str, str]:
    return dict(SERVICES[service].get("environment", {}))


def environment_of_image() -> dict[str, str]:
    assignments = re.findall(r"^(?:ENV|   ) ([A-Z_]+)=(\S+)", DOCKERFILES[ROOT / "Dockerfile"], flags=re.MULTILINE)
    return dict(assignments)


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - JOBS))
def test_every_service_says_whether_it_is_healthy_and_comes_back_by_itself(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_the_job_that_ends_is_waited_for_by_everything_that_stands_on_it() -> None:
    assert {"init"} == JOBS
    for name in AIRFLOW | {"mlflow"}:
        assert SERVICES[name]["depends_on"]["init"] == {"condition": "service_completed_successfully"}, name


@each_service
def test_a_port_is_published_on_this_machine_alone_and_can_be_moved(name: str) -> None:
    for port in SERVICES[name].get("ports", []):
        moved = r"(127\.0\.0\.1|\$\{[A-Z]+_ADDRESS:-127\.0\.0\.1\}):\$\{[A-Z_]+_PORT:-\d+\}:\d+"
        assert re.fullmatch(moved, port), port


def test_people_reach_airflow_mlflow_the_object_store_and_the_service_and_nothing_else() -> None:
    assert {name for name, service in SERVICES.items() if service.get("ports")} == {
        "api-server",
        "mlflow",
        "object-store",
        "service",
        "tls",
    }
    assert SERVICES["tls"]["profiles"] == ["tls"]


@each_service
def test_a_secret_comes_from_the_environment_file(name: str) -> None:
    for variable, value in environment(name).items():
        if re.search(r"PASSWORD|SECRET|FERNET", variable) and "FILE" not in variable:
            assert re.fullmatch(r"\$\{[A-Z_]+(:\?[^}]+)?\}", value), variable
        for password in re.findall(r"://[^/@:]*:((?:\$\{[^}]*\}|[^@])+)@", str(value)):
            assert password.startswith("${"), variable


def test_a_secret_that_is_missing_stops_compose_with_the_name_of_the_command_that_makes_it() -> None:
    example = (ROOT / ".env.example").read_text()
    secrets = set(re.findall(r"^([A-Z_]+)=$", example, flags=re.MULTILINE))
    refused = set(re.findall(r"\$\{([A-Z_]+):\?[^}]*make compose-up[^}]*\}", COMPOSE_TEXT))
    assert refused == secrets


def test_the_example_documents_every_name_and_holds_no_secret() -> None:
    example = (ROOT / ".env.example").read_text()
    named = set(re.findall(r"^(?:# )?([A-Z_]+)=", example, flags=re.MULTILINE))
    used = set(re.findall(r"\$\{([A-Z_]+)[:}]", COMPOSE_TEXT))
    assert named == used - {"PERENNIAL_COMMIT"}, "the commit is given by the build; it is no setting"
    assert not re.findall(r"^[A-Z_]+=.+", example, flags=re.MULTILINE)


def test_a_default_is_the_same_in_the_example_and_in_compose() -> None:
    documented = dict(re.findall(r"^# ([A-Z_]+)=(.+)$", (ROOT / ".env.example").read_text(), flags=re.MULTILINE))
    assert dict(re.findall(r"\$\{([A-Z_]+):-([^}]+)\}", COMPOSE_TEXT)) == documented


@each_service
def test_a_service_cannot_gain_rights_or_take_all_memory_or_fill_the_disk_with_its_log(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}
    assert not service.get("privileged")
    assert service.get("user") not in {"root", "0", 0}


def test_each_image_of_ours_is_built_by_one_service() -> None:
    built = [service["image"] for service in SERVICES.values() if "build" in service]
    local = {service["image"] for service in SERVICES.values() if service["image"].endswith(":local")}
    assert sorted(built) == sorted(local)
    assert all(
        service["pull_policy"] == "never" for service in SERVICES.values() if service["image"] == "perennial:local"
    )


@each_service
def test_an_image_that_is_not_ours_is_pinned_to_a_version(name: str) -> None:
    assert re.fullmatch(r"[a-z/-]+:(local|\d[\w.-]*)", SERVICES[name]["image"])


@pytest.mark.parametrize("name", sorted(AIRFLOW))
def test_steps_find_the_same_lake_ledger_and_registry_in_every_component(name: str) -> None:
    worker = environment("worker")
    for variable in OWN_NAMES | {"AWS_ENDPOINT_URL", "AIRFLOW__CORE__EXECUTION_API_SERVER_URL"}:
        assert environment(name)[variable] == worker[variable]


@pytest.mark.parametrize("name", sorted(AIRFLOW - {"worker"}))
def test_every_server_signs_with_the_same_keys(name: str) -> None:
    """Keys that differ between API server and scheduler fail every task with "Invalid auth token"."""
    for variable in SIGNING_NAMES:
        assert environment(name)[variable] == environment("scheduler")[variable]


def test_users_code_in_a_worker_sees_neither_airflows_database_nor_its_keys() -> None:
    known = json.dumps(environment("worker"))
    assert not SIGNING_NAMES & environment("worker").keys()
    for secret in ("AIRFLOW_DB_PASSWORD", "MLFLOW_DB_PASSWORD", "POSTGRES_PASSWORD", "AIRFLOW_ADMIN_PASSWORD"):
        assert secret not in known


def test_a_worker_imports_the_heavy_libraries_before_it_forks() -> None:
    (module,) = json.loads(environment("worker")["AIRFLOW__CELERY__EXTRA_CELERY_CONFIG"])["imports"]
    assert (ROOT / f"{module.replace('.', '/')}.py").is_file()


def test_mlflow_keeps_artifacts_in_the_store_and_answers_to_its_service_name() -> None:
    mlflow = environment("mlflow")
    assert mlflow["MLFLOW_ARTIFACTS_DESTINATION"].startswith("s3://")
    assert "mlflow:5000" in mlflow["MLFLOW_SERVER_ALLOWED_HOSTS"].split(",")
    assert mlflow["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] == "false"


def test_every_named_volume_that_is_mounted_is_declared_and_used() -> None:
    mounted = {mount.split(":")[0] for service in SERVICES.values() for mount in service.get("volumes", [])}
    assert {source for source in mounted if not source.startswith(("./", "${"))} == COMPOSE["volumes"].keys()


@each_dockerfile
def test_an_image_runs_as_an_ordinary_user(path: Path) -> None:
    users = re.findall(r"^USER (\S+)$", DOCKERFILES[path], flags=re.MULTILINE)
    assert users
    assert users[-1] not in {"root", "0"}


@each_dockerfile
def test_an_image_installs_exactly_the_lock_with_its_bytecode(path: Path) -> None:
    text = DOCKERFILES[path]
    assert re.search(r"uv==\d+\.\d+\.\d+", text)
    assert "--require-hashes" in text
    assert "--compile-bytecode" in text
    assert set(re.findall(r"^FROM (\S+)", text, flags=re.MULTILINE)) == {"python:3.11-slim-bookworm"}


def test_a_volumes_path_belongs_to_the_user_who_writes_there() -> None:
    text = DOCKERFILES[ROOT / "Dockerfile"]
    assert re.search(r"install --directory --owner perennial .*/opt/airflow/logs", text)
    assert re.search(
        r"install --directory --owner swift .*/srv/node", DOCKERFILES[ROOT / "docker/object-store/Dockerfile"]
    )


def test_nothing_in_the_image_reports_home() -> None:
    assert environment_of_image().items() >= SILENCE.items()


def test_the_commit_is_baked_in_after_the_code() -> None:
    text = DOCKERFILES[ROOT / "Dockerfile"]
    assert text.index("COPY include include") < text.index("ENV PERENNIAL_COMMIT=$PERENNIAL_COMMIT")
    assert SERVICES["init"]["build"]["args"] == {"PERENNIAL_COMMIT": "${PERENNIAL_COMMIT:-}"}


def test_the_lock_is_where_a_training_reads_it() -> None:
    final = DOCKERFILES[ROOT / "Dockerfile"].rpartition("WORKDIR")[2]
    assert f"COPY {LOCK.relative_to(REPOSITORY)} ./" in final


def test_only_what_is_named_gets_into_the_image() -> None:
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    assert rules[0] == "*"
    assert not [rule for rule in rules if rule.startswith("!") and (".env" in rule or ".git" in rule)]
