"""A LocalExecutor whose tasks start with the heavy libraries already in memory."""

import gc
import importlib
import logging
import threading
import time
import warnings

from airflow.executors.local_executor import LocalExecutor

# What the steps import sooner or later. Perennial's own modules are left out on purpose: they take 0.2 s, and a task
# that reads them afresh runs the code as it is now, not as it was when the scheduler started.
LIBRARIES = (
    "boto3",
    "numpy",
    "pandas",
    "pyarrow.parquet",
    "pyarrow.dataset",
    "sqlalchemy",
    "alembic.command",
    "datasketches",
    "sklearn.compose",
    "sklearn.ensemble",
    "sklearn.pipeline",
    "matplotlib.figure",
    "mlflow.pyfunc",
    "mlflow.sklearn",
    "skops.io",
    "great_expectations",
    "evidently.metrics",
    "feast",
    "feast.infra.online_stores.sqlite",
)


class WarmLocalExecutor(LocalExecutor):
    """Imports the libraries once, before the workers are forked: a task then starts in a tenth of a second.

    Only imports happen here. A library that starts threads when it is *used* (OpenMP, Arrow, HTTP pools) starts them
    in the task, after the fork.
    """

    def start(self) -> None:
        if self.is_mp_using_fork:
            self._warm_up()
        super().start()

    def get_task_log(self, ti: object, try_number: int) -> tuple[list[str], list[str]]:  # noqa: ARG002
        """Nothing beyond the log file; naming a source keeps the server from asking for it over the network."""
        return ["The task runs on this machine"], []

    def _warm_up(self) -> None:
        begin = time.monotonic()
        logging.disable(logging.INFO)  # Great Expectations alone says two hundred lines, whatever level it is given
        imported = [name for name in LIBRARIES if self._imports(name)]
        logging.disable(logging.NOTSET)
        # Garbage collected now is not copied into every worker; LocalExecutor freezes the rest before it forks.
        gc.collect()
        if extra := [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]:
            self.log.warning("Forking workers while these threads run, which may leave locks taken: %s", extra)
        self.log.info("Imported %s libraries for the workers in %.1f s", len(imported), time.monotonic() - begin)

    def _imports(self, name: str) -> bool:
        """A library that cannot be imported fails the task that needs it, with its own message, not the scheduler."""
        try:
            with warnings.catch_warnings(action="ignore"):
                importlib.import_module(name)
        except Exception:
            self.log.exception("Could not import %s for the workers", name)
            return False
        return True
