"""The Celery worker's way to what `warm` gives the local executor: importing this module imports the heavy libraries.

docker-compose.yaml names it in Celery's `imports`, which a worker reads once, before it forks its processes.
"""

import importlib
import logging
import warnings

from plugins.executors.warm import LIBRARIES

log = logging.getLogger(__name__)


def import_library(name: str) -> bool:
    """True if the library is in memory now; one that cannot be imported fails the task that needs it, no more."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            importlib.import_module(name)
    except Exception:
        log.exception("Could not import %s for the worker's tasks", name)
        return False
    return True


logging.disable(logging.INFO)  # Great Expectations alone says two hundred lines, whatever level it is given
IMPORTED = tuple(name for name in LIBRARIES if import_library(name))
logging.disable(logging.NOTSET)
log.info("Imported %s libraries for the worker's tasks", len(IMPORTED))
