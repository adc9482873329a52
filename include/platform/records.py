"""What Airflow's REST API answers, as far as Perennial reads it."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

FINAL_STATES = frozenset({"success", "failed"})


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class Pulse(_Record):
    """One component's health."""

    status: str | None
    heartbeat: datetime | None = None

    @property
    def healthy(self) -> bool:
        return self.status == "healthy"


class Health(_Record):
    """Airflow's own view of its components."""

    metadatabase: Pulse
    scheduler: Pulse
    triggerer: Pulse
    dag_processor: Pulse


class Job(_Record):
    """A run of the scheduler, triggerer or Dag processor."""

    id: int
    job_type: str
    state: str | None
    start_date: datetime | None
    latest_heartbeat: datetime | None


class Dag(_Record):
    """A Dag as the server knows it."""

    dag_id: str
    is_paused: bool
    is_stale: bool
    has_import_errors: bool
    description: str | None = None


class ImportFailure(_Record):
    """A Dag file that could not be read, with the traceback."""

    filename: str
    stack_trace: str


class DagRun(_Record):
    """One run of a Dag."""

    dag_id: str
    run_id: str = Field(alias="dag_run_id")
    state: str
    run_type: str
    partition_key: str | None = None
    conf: dict[str, object] | None = None
    queued_at: datetime | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None

    @property
    def finished(self) -> bool:
        return self.state in FINAL_STATES


class TaskInstance(_Record):
    """One task of one run; `map_index` is -1 unless the task was mapped."""

    dag_id: str
    run_id: str = Field(alias="dag_run_id")
    task_id: str
    map_index: int
    state: str | None
    try_number: int
    rendered_map_index: str | None = None
    queued_when: datetime | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None
    duration: float | None = None


class Question(_Record):
    """A task that waits for a person."""

    subject: str
    body: str | None = None
    options: tuple[str, ...]
    defaults: tuple[str, ...] | None = None
    created_at: datetime
    response_received: bool = False
    task: TaskInstance = Field(alias="task_instance")


class Asset(_Record):
    """A named thing that Dags produce and consume."""

    id: int
    name: str
    uri: str


class AssetEvent(_Record):
    """One update of an asset."""

    id: int
    asset_id: int
    name: str | None = None
    partition_key: str | None = None
    extra: dict[str, object] | None = None
    source_dag_id: str | None = None
    source_run_id: str | None = None
    timestamp: datetime


class Backfill(_Record):
    """A range of runs that Airflow was asked to make."""

    id: int
    dag_id: str
    from_date: datetime
    to_date: datetime
    completed_at: datetime | None = None
