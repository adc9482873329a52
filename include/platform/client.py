"""Airflow over its REST API: what the demo, the tests and the commands ask of a running platform."""

import time
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from typing import Any, Self

from include.errors import NotFound, Outage
from include.platform.records import (
    Asset,
    AssetEvent,
    Backfill,
    Dag,
    DagRun,
    Health,
    ImportFailure,
    Job,
    Question,
    TaskInstance,
)
from include.platform.rest import Query, Rest

_PAGE = 100


class AirflowClient:
    """A user's session with one Airflow. It logs in on the first request and again whenever its token expires."""

    def __init__(self, base_url: str, user: str, password: str, timeout: float = 30.0) -> None:
        self._rest = Rest(base_url, user, password, timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._rest.close()

    @property
    def token(self) -> str:
        """The user's session token: what a browser keeps in the cookie `_token`."""
        return self._rest.login()

    # the platform itself

    def health(self) -> Health:
        """What Airflow thinks of its components; needs no login."""
        return Health.model_validate(_flat(self._rest.anonymous("/api/v2/monitor/health")))

    def jobs(self, job_type: str) -> list[Job]:
        """Live runs of a component, newest first: `SchedulerJob`, `TriggererJob` or `DagProcessorJob`."""
        query: Query = {"job_type": job_type, "is_alive": True, "order_by": "-start_date"}
        return [Job.model_validate(row) for row in self._rest.get("/jobs", query)["jobs"]]

    # Dags

    def dags(self) -> list[Dag]:
        """Every Dag the server has read from the current files."""
        return [Dag.model_validate(row) for row in self._pages("/dags", "dags")]

    def import_errors(self) -> list[ImportFailure]:
        """Dag files that could not be read."""
        return [ImportFailure.model_validate(row) for row in self._pages("/importErrors", "import_errors")]

    def unpause(self, dag_id: str) -> None:
        self._rest.patch(f"/dags/{dag_id}", {"is_paused": False})

    def pause(self, dag_id: str) -> None:
        self._rest.patch(f"/dags/{dag_id}", {"is_paused": True})

    # runs

    def trigger(
        self, dag_id: str, conf: Mapping[str, object] | None = None, partition_key: str | None = None
    ) -> DagRun:
        """Start a run without a logical date, of one partition if a key is given."""
        body: dict[str, object] = {"logical_date": None, "conf": dict(conf or {})}
        if partition_key is not None:
            body["partition_key"] = partition_key
        return DagRun.model_validate(self._rest.post(f"/dags/{dag_id}/dagRuns", body))

    def dag_run(self, dag_id: str, run_id: str) -> DagRun:
        return DagRun.model_validate(self._rest.get(f"/dags/{dag_id}/dagRuns/{run_id}"))

    def dag_runs(self, dag_id: str = "~", limit: int = _PAGE, order: str = "-run_after") -> list[DagRun]:
        """The newest runs of a Dag, or of all Dags; `order` is a field of Airflow's, with `-` for descending."""
        query: Query = {"limit": limit, "order_by": order}
        return [DagRun.model_validate(row) for row in self._rest.get(f"/dags/{dag_id}/dagRuns", query)["dag_runs"]]

    def task_instances(self, dag_id: str, run_id: str) -> list[TaskInstance]:
        """Every task of a run, each mapped instance by itself."""
        rows = self._pages(f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances", "task_instances")
        return [TaskInstance.model_validate(row) for row in rows]

    def wait(self, dag_id: str, run_id: str, timeout: float = 600.0, poll: float = 0.3) -> DagRun:
        """The run once it has succeeded or failed; an Outage that says where it stands if it does neither in time."""
        deadline = time.monotonic() + timeout
        while not (run := self.dag_run(dag_id, run_id)).finished:
            if time.monotonic() > deadline:
                tasks = ", ".join(f"{task.task_id} {task.state}" for task in self.task_instances(dag_id, run_id))
                raise Outage(
                    f"Run {run_id} of {dag_id} is still {run.state} after {timeout:.0f} s ({tasks}). "
                    f"Its page: {self._rest.base_url}/dags/{dag_id}/runs/{run_id}"
                )
            time.sleep(poll)
        return run

    def clear(self, dag_id: str, run_id: str, only_failed: bool = False) -> None:
        """Let a run's tasks run again."""
        self._rest.post(f"/dags/{dag_id}/dagRuns/{run_id}/clear", {"dry_run": False, "only_failed": only_failed})

    def task_log(self, task: TaskInstance) -> str:
        """The log of a task's last try, one line per message."""
        path = f"/dags/{task.dag_id}/dagRuns/{task.run_id}/taskInstances/{task.task_id}/logs/{max(task.try_number, 1)}"
        answer = self._rest.get(path, {"map_index": task.map_index, "full_content": True})
        return "\n".join(_line(entry) for entry in answer["content"])

    def xcom(self, task: TaskInstance, key: str = "return_value") -> Any:
        """A value that a task left behind."""
        path = f"/dags/{task.dag_id}/dagRuns/{task.run_id}/taskInstances/{task.task_id}/xcomEntries/{key}"
        return self._rest.get(path, {"map_index": task.map_index, "deserialize": False})["value"]

    def links(self, task: TaskInstance) -> dict[str, str]:
        """The pages a task links to, by the title of the link."""
        path = f"/dags/{task.dag_id}/dagRuns/{task.run_id}/taskInstances/{task.task_id}/links"
        found = self._rest.get(path, {"map_index": task.map_index})["extra_links"]
        return {title: str(page) for title, page in found.items() if page}

    def backfill(
        self, dag_id: str, first: date, last: date, reprocess: str = "none", most_at_once: int = 10
    ) -> Backfill:
        """Make the runs of a range of days, both included; `reprocess`: none, failed or completed."""
        body = {
            "dag_id": dag_id,
            "from_date": _midnight(first).isoformat(),
            "to_date": (_midnight(last) + timedelta(days=1, microseconds=-1)).isoformat(),
            "reprocess_behavior": reprocess,
            "max_active_runs": most_at_once,
        }
        return Backfill.model_validate(self._rest.post("/backfills", body))

    def cancel(self, backfill: Backfill) -> None:
        """Start no further run of it; those that wait are failed, those that run go on."""
        self._rest.put(f"/backfills/{backfill.id}/cancel")

    # assets

    def asset(self, name: str) -> Asset:
        """An asset by its exact name."""
        rows = self._rest.get("/assets", {"name_pattern": name, "limit": _PAGE})["assets"]
        found = [asset for asset in map(Asset.model_validate, rows) if asset.name == name]
        if not found:
            raise NotFound(f"Airflow knows no asset {name!r}: no Dag that was read so far produces or consumes it.")
        return found[0]

    def announce(self, asset: str, partition_key: str | None = None, extra: Mapping[str, object] | None = None) -> None:
        """Post an event of an asset, as a task with that outlet would."""
        body: dict[str, object] = {"asset_id": self.asset(asset).id, "extra": dict(extra or {})}
        if partition_key is not None:
            body["partition_key"] = partition_key
        self._rest.post("/assets/events", body)

    def asset_events(self, asset: str, limit: int = _PAGE) -> list[AssetEvent]:
        """The newest events of an asset."""
        query: Query = {"asset_id": self.asset(asset).id, "limit": limit, "order_by": "-timestamp"}
        return [AssetEvent.model_validate(row) for row in self._rest.get("/assets/events", query)["asset_events"]]

    # people

    def questions(self) -> list[Question]:
        """Tasks that wait for a person's answer."""
        rows = self._rest.get("/dags/~/dagRuns/~/hitlDetails", {"response_received": False, "limit": _PAGE})
        return [Question.model_validate(row) for row in rows["hitl_details"]]

    def answer(self, question: Question, *options: str, params: Mapping[str, object] | None = None) -> None:
        """Answer for this user. The answer is final, and params that break their schema fail the task."""
        task = question.task
        path = f"/dags/{task.dag_id}/dagRuns/{task.run_id}/taskInstances/{task.task_id}/{task.map_index}/hitlDetails"
        self._rest.patch(path, {"chosen_options": list(options), "params_input": dict(params or {})})

    def _pages(self, path: str, field: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        while True:
            answer = self._rest.get(path, {"limit": _PAGE, "offset": len(rows)})
            rows += answer[field]
            if not answer[field] or len(rows) >= answer["total_entries"]:
                return rows


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time_of_day(), UTC)


def _flat(health: dict[str, Any]) -> dict[str, Any]:
    """Airflow names each component's heartbeat after the component."""
    return {
        name: {"status": fields["status"], "heartbeat": fields.get(f"latest_{name}_heartbeat")}
        for name, fields in health.items()
    }


def _line(entry: object) -> str:
    if not isinstance(entry, dict):
        return str(entry)
    details = "".join(
        f"\n{error.get('exc_type')}: {error.get('exc_value')}" for error in entry.get("error_detail") or ()
    )
    return f"{entry.get('timestamp') or ''} {entry.get('level') or ''} {entry.get('event')}{details}".strip()
